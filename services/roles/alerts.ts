import { startAlerts } from '../topologies/alerts.ts';
import { sharedPace } from '../topologies/run-options.ts';
import type { RoleContext } from '../role-context.ts';
import type { RoleWork } from '../role-process.ts';
import { sayRestored } from './say-restored.ts';

export async function startAlertsRole(context: RoleContext): Promise<RoleWork> {
  const { engines, clock, stack, run } = context;
  const [log, documents] = await Promise.all([engines.log(), engines.documents()]);
  const deps = { log, documents, clock, pace: sharedPace, onRestored: sayRestored(context) };
  for (const running of await startAlerts(deps, stack)) run(running);
  return {};
}
