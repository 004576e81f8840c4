import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { topicDeclarations } from '../pipelines/topic-declarations.ts';
import { createSystemClock } from '../streams/clock.ts';
import { createTempFolder } from '../tests/support/temp-folder.ts';
import { openEmbeddedLog } from './engines-embedded.ts';
import { startPipelinesThread } from './pipelines-thread.ts';
import { readSettings } from './settings.ts';

const patience = { timeout: 20_000 };

it('starts by itself once the disk gives its files, which it did not at first', async () => {
  await using folder = await createTempFolder();
  const dataDir = join(folder.path, 'data');
  await using pipelines = startPipelinesThread({ dataDir, settings: readSettings({}) });
  const reasons = (): string =>
    pipelines
      .statuses()
      .map((s) => `${s.state}: ${s.reason}`)
      .join();
  await expect.poll(reasons, patience).toMatch(/starting: It could not start and tries again: .*data/);

  const made = await createTempFolder();
  {
    const file = (name: string): string => join(made.path, name);
    await using log = await openEmbeddedLog(file, createSystemClock(), { durability: 'normal' });
    await log.declareTopics(topicDeclarations(1));
  }
  await rename(made.path, dataDir);
  const states = (): readonly string[] => [...new Set(pipelines.statuses().map((status) => status.state))];
  await expect.poll(states, patience).toEqual(['running']);
}, 60_000);
