import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { Pool } from 'undici';

import { createRandom } from '../streams/random.ts';
import { createSystemClock } from '../streams/clock.ts';
import { type SendCounts, TenantSender } from '../simulator/tenant-sender.ts';
import { jsonOption } from './options.ts';
import { exitCodes, printResult } from './output.ts';
import { createProgress } from './progress.ts';

interface ReplayOptions {
  readonly server: string;
  readonly token: string;
  readonly json?: boolean;
}

export function replayCommand(): Command {
  return new Command('replay')
    .description('send recorded events: files of NDJSON, one CloudEvent a line')
    .argument('<file...>', 'the files, in this order')
    .requiredOption('--server <url>', 'the server')
    .requiredOption('--token <token>', "an agents' token")
    .addOption(jsonOption())
    .action(async (files: string[], options: ReplayOptions) => {
      const counts = await replayFiles(files, options);
      printResult(counts, options, () => `${counts.accepted} accepted, ${counts.rejected} rejected.`);
      if (counts.rejected > 0) process.exitCode = exitCodes.failed;
    });
}

async function replayFiles(files: readonly string[], options: ReplayOptions): Promise<SendCounts> {
  const clock = createSystemClock();
  const counts: SendCounts = { accepted: 0, rejected: 0, resent: 0, refused: 0, requests: 0 };
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  using progress = createProgress(
    'replaying',
    sizes.reduce((sum, size) => sum + size, 0),
  );
  const pool = new Pool(options.server, { connections: 2 });
  const random = createRandom(1);
  const deps = { pool, token: options.token, clock, random, counts, signal: stopping.signal };
  const sender = new TenantSender(deps);
  let readBytes = 0;
  try {
    for (const file of files) {
      for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
        readBytes += Buffer.byteLength(line) + 1;
        if (line.trim() !== '') sender.add(line, clock.nowMs(), clock.nowMs());
        if (sender.wholeBodies === 0) continue;
        await sender.flush();
        progress.update(readBytes, `${counts.accepted} accepted`);
        if (stopping.signal.aborted) return counts;
      }
    }
    await sender.flush();
    return counts;
  } finally {
    await pool.close();
  }
}
