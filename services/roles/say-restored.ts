import { restoredStatus } from '../../streams/restored.ts';
import type { RoleContext } from '../role-context.ts';
import type { OnRestored } from '../topologies/run-options.ts';

/** Says in the role's log what a pipeline read back, and how long that took. */
export function sayRestored({ log }: RoleContext): OnRestored {
  return (pipeline, partition, restored) => {
    log.info({ pipeline, partition, restored: restoredStatus(restored) }, 'Its state was read back.');
  };
}
