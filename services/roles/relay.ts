import type { RoleContext } from '../role-context.ts';
import type { RoleWork } from '../role-process.ts';
import { startRelay } from '../topologies/relay.ts';
import { sharedPace } from '../topologies/run-options.ts';

export async function startRelayRole({ engines, clock, stack, run }: RoleContext): Promise<RoleWork> {
  const [messaging, log] = await Promise.all([engines.messaging(), engines.log()]);
  run(await startRelay({ messaging, log, clock, pace: sharedPace }, stack));
  return {};
}
