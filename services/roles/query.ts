import { randomBytes } from 'node:crypto';

import { createToolDirectory } from '../../stores/tool-directory.ts';
import { registerControl } from '../control-routes.ts';
import { startFeedbackForwarder } from '../feedback-forwarder.ts';
import { registerQueries } from '../queries.ts';
import { startLinkBackfills } from '../link-backfill.ts';
import { createOperations, distributedWays } from '../operations.ts';
import { createPipelineStatuses } from '../pipeline-statuses.ts';
import type { RoleContext } from '../role-context.ts';
import type { RoleWork } from '../role-process.ts';
import { openSecretBox } from '../secret-key.ts';
import type { Settings } from '../settings.ts';
import { createStatusBoard } from '../status-board.ts';
import { storesOn } from '../stores.ts';

/** In the order of the dashboard. */
const pipelineNames = [
  ...(['relay', 'tools', 'place', 'telemetry', 'presence'] as const),
  ...(['event-log', 'analytics', 'devices', 'detect', 'alerts', 'alert-store'] as const),
] as const;

function pipelinesOf({ OPENFRAME_DEVICE_EVENTS: told }: Settings) {
  return pipelineNames.filter((name) => told === 'on' || name !== 'presence');
}

async function openQueryStores({ engines, clock }: RoleContext) {
  const [messaging, log, eventLog, analytics, documents] = await Promise.all([
    engines.messaging(),
    engines.log(),
    engines.eventLog(),
    engines.analytics(),
    engines.documents(),
  ]);
  const ports = { messaging, log, eventLog, analytics, documents };
  return { ...ports, ...storesOn(documents, clock, true), writers: { eventLog, analytics } };
}

export async function startQuery(context: RoleContext): Promise<RoleWork> {
  const { settings, clock, stack, log: serverLog } = context;
  const stores = await openQueryStores(context);
  const { documents, log, messaging } = stores;
  const board = createStatusBoard(documents, () => clock.nowMs());
  const names = pipelinesOf(settings);
  const statuses = createPipelineStatuses({ log, messaging, statuses: () => board.read(names) }, () =>
    clock.nowMs(),
  );
  const onFault = (message: string): void => serverLog.warn(message);
  stack.use(
    startLinkBackfills({
      ...stores,
      clock,
      storeGroups: ['event-log', 'analytics'],
      directory: createToolDirectory({ documents, clock }),
      onFault,
    }),
  );
  stack.use(startFeedbackForwarder({ ...stores, clock, onFault }));
  const controlToken = settings.OPENFRAME_CONTROL_TOKEN ?? randomBytes(32).toString('base64url');
  return {
    routes: async (app) => {
      const secrets = openSecretBox(settings);
      const ways = { ...distributedWays, pipelines: statuses };
      const operations = createOperations({ stores, clock, secrets, settings, ...ways });
      registerControl(app, operations, controlToken);
      await registerQueries(app, { settings, stores, clock, secrets, statuses, operations });
    },
  };
}
