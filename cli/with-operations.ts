import { existsSync } from 'node:fs';

import { OpenFrameError } from '../contracts/errors.ts';
import { openDataFolder, runningServer } from '../services/data-folder.ts';
import { distributedEngines } from '../services/engines-distributed.ts';
import { embeddedEngines } from '../services/engines-embedded.ts';
import { createOperations, distributedWays, embeddedWays, type Operations } from '../services/operations.ts';
import { createOperationsClient } from '../services/operations-client.ts';
import { openSecretBox } from '../services/secret-key.ts';
import { readSettings } from '../services/settings.ts';
import { openStores } from '../services/stores.ts';
import { createSystemClock } from '../streams/clock.ts';

/**
 * Runs on a platform: through the server that runs on the data folder; else by opening what the profile names,
 * the real engines or the folder's files. `running` says whether pipelines may be at work meanwhile.
 */
export async function withOperations<T>(
  dataDir: string,
  action: (operations: Operations, running: boolean) => Promise<T>,
): Promise<T> {
  const server = runningServer(dataDir);
  if (server !== null) return action(createOperationsClient(server), true);
  const clock = createSystemClock();
  const settings = readSettings();
  if (settings.OPENFRAME_PROFILE === 'distributed') {
    const engines = distributedEngines(settings, { clock, role: 'operator' });
    await using stores = await openStores(engines, clock);
    const secrets = openSecretBox(settings);
    const operations = createOperations({ stores, clock, secrets, settings, ...distributedWays });
    return await action(operations, true);
  }
  if (!existsSync(dataDir)) {
    throw new OpenFrameError(
      'NOT_FOUND',
      `There is no data folder ${dataDir}. Start the platform first, or name its folder with --data-dir.`,
    );
  }
  using folder = openDataFolder(dataDir);
  const engines = embeddedEngines((name) => folder.file(name), settings, clock);
  await using stores = await openStores(engines, clock);
  const secrets = openSecretBox(settings, folder.file('secrets.key'));
  return await action(createOperations({ stores, clock, secrets, settings, ...embeddedWays }), false);
}
