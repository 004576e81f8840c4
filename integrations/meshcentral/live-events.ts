import { z } from 'zod';

import type { Clock } from '../../streams/clock.ts';
import { meshEventSchema } from './event-window.ts';

/** After the first event the others of the same act come too: one question for all of them. */
const settleMs = 250;
const heldEvents = 100;

/** What MeshCentral sends by itself: `nolog` is on what it does not keep. */
const liveSchema = z.looseObject({
  action: z.literal('event'),
  event: meshEventSchema.extend({ nolog: z.unknown().optional(), domain: z.string().nullish() }),
});
type LiveEvent = z.infer<typeof meshEventSchema>;

/** Tells when something happened, and keeps the events that no question brings. */
export class LiveEvents {
  readonly #clock: Clock;
  #woken = false;
  readonly #held: LiveEvent[] = [];
  #wake = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(message: unknown): void {
    const parsed = liveSchema.safeParse(message);
    if (!parsed.success || parsed.data.event.nolog !== undefined) return;
    const { event } = parsed.data;
    if (typeof event.domain !== 'string' && this.#held.length < heldEvents) this.#held.push(event);
    this.wake();
  }

  /** The events that have no domain, kept until `forget`. What comes from now on wakes `changed` again. */
  held(): readonly LiveEvent[] {
    this.#woken = false;
    return [...this.#held];
  }

  /** Lets go of the first ones, which are durable elsewhere. */
  forget(count: number): void {
    this.#held.splice(0, count);
  }

  wake(): void {
    this.#woken = true;
    this.#wake.abort();
  }

  /** Resolves soon after an event since the last `held`, after `maxWaitMs`, or when the signal aborts. */
  async changed(maxWaitMs: number, signal: AbortSignal): Promise<void> {
    this.#wake = new AbortController();
    if (!this.#woken) await this.#clock.sleep(maxWaitMs, AbortSignal.any([signal, this.#wake.signal]));
    if (this.#woken) await this.#clock.sleep(settleMs, signal);
  }
}
