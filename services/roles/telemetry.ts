import type { RoleContext } from '../role-context.ts';
import type { RoleWork } from '../role-process.ts';
import { sharedPace } from '../topologies/run-options.ts';
import { startPresence, startTelemetry, startTools } from '../topologies/telemetry.ts';
import { sayRestored } from './say-restored.ts';

export async function startTelemetryRole(context: RoleContext): Promise<RoleWork> {
  const { engines, settings, clock, stack, run } = context;
  const [log, documents] = await Promise.all([engines.log(), engines.documents()]);
  const deps = { log, documents, clock, pace: sharedPace, settings, onRestored: sayRestored(context) };
  run(await startTelemetry(deps, stack));
  for (const running of await startPresence(deps, stack)) run(running);
  for (const running of await startTools(deps, stack)) run(running);
  return {};
}
