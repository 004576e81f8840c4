import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { topics } from '../contracts/topics.ts';
import { createSystemClock } from '../streams/clock.ts';
import { embeddedEngines } from './engines-embedded.ts';
import { readSettings } from './settings.ts';

describe('the embedded log', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'openframe-engines-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const partitionsWith = async (given: Readonly<Record<string, string>>): Promise<number> => {
    const settings = readSettings(given);
    const engines = embeddedEngines((name) => join(folder, name), settings, createSystemClock());
    await using log = await engines.log();
    return log.partitionCount(topics.raw);
  };

  it('has one partition a topic unless told otherwise', async () => {
    expect(await partitionsWith({})).toBe(1);
    expect(await partitionsWith({})).toBe(1);
  });

  it('keeps the partitions that the data folder has', async () => {
    expect(await partitionsWith({ OPENFRAME_PARTITIONS: '4' })).toBe(4);
    expect(await partitionsWith({})).toBe(4);
  });

  it('refuses another number than the data folder has', async () => {
    expect(await partitionsWith({})).toBe(1);
    await expect(partitionsWith({ OPENFRAME_PARTITIONS: '4' })).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
    });
  });
});
