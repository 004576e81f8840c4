import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { recordsOfAll, sealed } from '../../conformance/batches.ts';
import { OpenFrameError } from '../../contracts/errors.ts';
import { createManualClock } from '../../streams/clock.ts';
import { createRandom } from '../../streams/random.ts';
import { createTempFolder } from '../../tests/support/temp-folder.ts';
import { createEmbeddedLog } from './log.ts';

const clock = createManualClock(1_700_000_000_000);
const [batches, valueBytes, flips] = [60, 3_000, 200];

async function readBack(path: string): Promise<readonly string[]> {
  await using log = await createEmbeddedLog({ path, clock });
  return await recordsOfAll(log.readAll('in', 0));
}

it('gives what was written or says that it is damaged, whichever bit of the file flips', async () => {
  await using folder = await createTempFolder();
  const path = join(folder.path, 'log.db');
  {
    await using log = await createEmbeddedLog({ path, clock });
    const kept = { cleanup: 'delete', retentionMs: 2 ** 40, retentionBytes: 2 ** 40 } as const;
    await log.declareTopics([{ name: 'in', partitions: 1, ...kept }]);
    for (let i = 0; i < batches; i++) {
      await log.append('in', 0, sealed({ value: Buffer.alloc(valueBytes, `value ${i}`) }));
    }
  }
  const written = await readBack(path);
  const good = readFileSync(path);
  const random = createRandom(20_261_126);
  let refused = 0;
  for (let flip = 0; flip < flips; flip++) {
    const bad = Buffer.from(good);
    const at = random.below(good.length);
    bad[at] = (bad[at] ?? 0) ^ (1 << random.below(8));
    for (const beside of ['-wal', '-shm']) rmSync(`${path}${beside}`, { force: true });
    writeFileSync(path, bad);
    const read = await readBack(path).catch((error: unknown) => error);
    if (read instanceof OpenFrameError) refused++;
    else expect(read, `the bit flipped in byte ${at}`).toEqual(written);
  }
  expect(refused).toBeGreaterThan(flips / 4);
});
