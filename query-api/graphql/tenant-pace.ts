import type { TenantScope } from '../../contracts/tenant.ts';
import { createTenantTurns } from '../../sinks/tenant-turns.ts';
import type { Clock } from '../../streams/clock.ts';

/** Operations of one tenant that run at once. */
const operationsAtOnce = 4;
/** What answering takes of the one thread that answers everybody: about a millisecond for so many characters. */
const lengthPerMs = 10_000;
/** A shorter rest is not worth a timer. */
const leastRestMs = 5;

/** Runs an operation that gives its answer as text when it is its tenant's turn; throws what it throws. */
export type RunPaced = <Answer extends { readonly text: string }>(
  scope: TenantScope,
  run: () => Promise<Answer>,
) => Promise<Answer>;

/**
 * Lets no tenant have the thread for itself: so many operations of one run at once, the others of it wait, and after a
 * large answer its turn rests as long as making that took. The answer itself does not wait.
 */
export function createTenantPace(clock: Pick<Clock, 'sleep'>): RunPaced {
  const takeTurn = createTenantTurns(operationsAtOnce);
  return (scope, run) =>
    new Promise((resolve, reject) => {
      const turn = takeTurn(scope, async () => {
        const answer = await run();
        resolve(answer);
        const restMs = answer.text.length / lengthPerMs;
        if (restMs >= leastRestMs) await clock.sleep(restMs);
      });
      turn.catch(reject);
    });
}
