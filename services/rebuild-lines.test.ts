import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';

import { OpenFrameError } from '../contracts/errors.ts';
import type { RebuildReport } from '../pipelines/rebuild.ts';
import { readRebuildLines, rebuildLines } from './rebuild-lines.ts';

const report: RebuildReport = {
  target: 'event-log',
  dryRun: false,
  records: 5,
  oldestMs: null,
  rejected: 0,
  elapsedMs: 1,
  remark: 'done',
};

describe("a rebuild's lines", () => {
  it('carry progress, then the report', async () => {
    const finish = Promise.withResolvers<RebuildReport>();
    const lines = rebuildLines((onProgress) => {
      onProgress({ records: 2, expected: 5 });
      return finish.promise;
    });
    const seen: number[] = [];
    const read = readRebuildLines(Readable.from(lines), ({ records }) => {
      seen.push(records);
      finish.resolve(report);
    });
    expect(await read).toEqual(report);
    expect(seen[0]).toBe(2);
  });

  it('carry what it failed by, and their own end', async () => {
    const fault = new OpenFrameError('STATE_CORRUPT', 'damaged');
    const failed = rebuildLines(() => Promise.reject(fault));
    await expect(readRebuildLines(Readable.from(failed), undefined)).rejects.toMatchObject({
      code: 'STATE_CORRUPT',
      message: 'damaged',
    });
    await expect(readRebuildLines(Readable.from([]), undefined)).rejects.toThrow('ended before');
  });
});
