import { startConnectors } from '../connectors.ts';
import type { RoleContext } from '../role-context.ts';
import type { RoleWork } from '../role-process.ts';
import { openSecretBox } from '../secret-key.ts';

/** Nobody shares a connector out: a second process of this role repeats the first one's work, and does no harm. */
export async function startConnectorsRole(context: RoleContext): Promise<RoleWork> {
  const { engines, settings, clock, random, stack, log } = context;
  const documents = await engines.documents();
  const secrets = openSecretBox(settings);
  const onFault = (message: string): void => log.warn(message);
  stack.use(startConnectors({ documents, openLog: engines.log, clock, random, secrets, onFault }));
  return {};
}
