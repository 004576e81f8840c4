import { randomBytes, randomInt } from 'node:crypto';

import { defaultTenantId } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';
import { startConnectors } from './connectors.ts';
import { openDataFolder } from './data-folder.ts';
import { embeddedEngines, openEmbeddedLog } from './engines-embedded.ts';
import { startFeedbackForwarder } from './feedback-forwarder.ts';
import { startHttp } from './http.ts';
import { openMail } from './notifications.ts';
import { startNotifier } from './notifier.ts';
import { createOperations, embeddedWays } from './operations.ts';
import { startLinkBackfills } from './link-backfill.ts';
import { createPipelineStatuses } from './pipeline-statuses.ts';
import { startPipelinesThread } from './pipelines-thread.ts';
import { openSecretBox } from './secret-key.ts';
import type { Settings } from './settings.ts';
import { applyRetention, applyHourly } from './retention.ts';
import { startSinks } from './sinks.ts';
import { startAgent } from './agent.ts';
import { createToolDirectory } from '../stores/tool-directory.ts';
import { openStores, type Stores } from './stores.ts';

const dayMs = 86_400_000;

export interface PlatformOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  /** Whether this machine's own agent reports as well. */
  readonly agent: boolean;
  /** The server's log lines, and faults that it survived. */
  readonly onFault: (message: string) => void;
}

/** The whole platform in one process, on the embedded engines. */
export interface Platform extends AsyncDisposable {
  readonly url: string;
  /** An administrator's token of the default tenant, valid for a day: how to sign in. */
  readonly adminToken: string;
}

/**
 * Starts everything in the order of the data's way, last consumer first ready, and stops in reverse: the door
 * closes before what stands behind it. Rolls back what it began when a part cannot start.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { settings, clock } = options;
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(openDataFolder(settings.OPENFRAME_DATA_DIR));
  const stores = starting.use(
    await openStores(
      embeddedEngines((name) => folder.file(name), settings, clock),
      clock,
    ),
  );
  const pipelines = starting.use(startPipelinesThread({ dataDir: folder.path, settings }));
  const sinks = starting.use(await startSinks(stores, clock, createRandom(randomInt(2 ** 32))));
  starting.use(applyHourly(options, () => applyRetention(stores, settings, clock.nowMs())));
  const statuses = createPipelineStatuses(
    {
      log: stores.log,
      messaging: stores.messaging,
      statuses: () => [...pipelines.statuses(), ...sinks.running.map((sink) => sink.status())],
    },
    () => clock.nowMs(),
  );
  const secrets = openSecretBox(settings, folder.file('secrets.key'));
  starting.use(
    startConnectors({
      documents: stores.documents,
      openLog: () => openEmbeddedLog((name) => folder.file(name), clock, { durability: 'full' }),
      clock,
      random: createRandom(randomInt(2 ** 32)),
      secrets,
      onFault: options.onFault,
    }),
  );
  const mail = openMail(settings);
  starting.use(startNotifier({ ...stores.notifications, secrets, mail, clock, onFault: options.onFault }));
  starting.use(startFeedbackForwarder({ ...stores, clock, onFault: options.onFault }));
  const controlToken = randomBytes(32).toString('base64url');
  const hurry = (): void => sinks.running.forEach((sink) => sink.hurry?.());
  const ways = { ...embeddedWays, secrets, settings, hurry, pipelines: statuses };
  const operations = createOperations({ stores, clock, ...ways });
  starting.use(startBackfills(stores, clock, hurry, options.onFault));
  const http = starting.use(
    await startHttp({ settings, stores, clock, secrets, statuses, operations, controlToken }),
  );
  folder.announce({ pid: process.pid, url: http.url, controlToken, profile: 'embedded' });
  const admin = await stores.tokens.mint({ tenantId: defaultTenantId, role: 'admin', ttlMs: dayMs });
  if (options.agent) {
    starting.use(
      await startAgent({
        url: http.url,
        tokens: stores.tokens,
        stateDir: folder.file('agent'),
        clock,
        onFault: options.onFault,
      }),
    );
  }
  const started = starting.move();
  const dispose = (): Promise<void> => started.disposeAsync();
  return { url: http.url, adminToken: admin.token, [Symbol.asyncDispose]: dispose };
}

/** Completes what was stored before its device was linked. */
function startBackfills(
  stores: Stores,
  clock: Clock,
  hurry: () => void,
  onFault: (message: string) => void,
): AsyncDisposable {
  const directory = createToolDirectory({ documents: stores.documents, clock });
  return startLinkBackfills({ ...stores, clock, hurry, storeGroups: ['event-log'], directory, onFault });
}
