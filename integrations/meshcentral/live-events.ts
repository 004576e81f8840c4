import { z } from 'zod';

import type { Clock } from '../../streams/clock.ts';

/** After the first event the others of the same act come too: one question for all of them. */
const settleMs = 250;

/** What MeshCentral sends by itself: `nolog` is on what it does not keep. */
const liveSchema = z.looseObject({
  action: z.literal('event'),
  event: z.looseObject({ nolog: z.undefined().optional() }),
});

/** Tells when something happened, by the events that MeshCentral sends by itself. */
export class LiveEvents {
  readonly #clock: Clock;
  #woken = false;
  #wake = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(message: unknown): void {
    if (liveSchema.safeParse(message).success) this.wake();
  }

  wake(): void {
    this.#woken = true;
    this.#wake.abort();
  }

  /** What comes from now on wakes `changed`: called before the question, so that nothing falls between. */
  rearm(): void {
    this.#woken = false;
  }

  /** Resolves soon after an event since the last `rearm`, after `maxWaitMs`, or when the signal aborts. */
  async changed(maxWaitMs: number, signal: AbortSignal): Promise<void> {
    this.#wake = new AbortController();
    if (!this.#woken) await this.#clock.sleep(maxWaitMs, AbortSignal.any([signal, this.#wake.signal]));
    if (this.#woken) await this.#clock.sleep(settleMs, signal);
  }
}
