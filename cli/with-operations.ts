import { OpenFrameError } from '../contracts/errors.ts';
import { openDataFolder, runningServer } from '../services/data-folder.ts';
import { createOperations, type Operations } from '../services/operations.ts';
import { createOperationsClient } from '../services/operations-client.ts';
import { readSettings } from '../services/settings.ts';
import { embeddedEngines } from '../services/engines-embedded.ts';
import { openStores } from '../services/stores.ts';
import { createSystemClock } from '../streams/clock.ts';
import { existsSync } from 'node:fs';

/** Runs on the stores of a data folder: through the server where one runs on it, else by opening them. */
export async function withOperations<T>(
  dataDir: string,
  action: (operations: Operations, running: boolean) => Promise<T>,
): Promise<T> {
  if (!existsSync(dataDir)) {
    throw new OpenFrameError(
      'NOT_FOUND',
      `There is no data folder ${dataDir}. Start the platform first, or name its folder with --data-dir.`,
    );
  }
  const server = runningServer(dataDir);
  if (server !== null) return action(createOperationsClient(server), true);
  const clock = createSystemClock();
  using folder = openDataFolder(dataDir);
  await using stores = await openStores(
    embeddedEngines((name) => folder.file(name), readSettings(), clock),
    clock,
  );
  return await action(createOperations(stores, clock), false);
}
