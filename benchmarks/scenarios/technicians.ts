import { feedbackOn } from '../../contracts/alert-feedback.ts';
import type { StreamedAlert } from '../../contracts/alert.ts';
import type { GivenFeedback } from '../../pipelines/feedback-batch.ts';
import { createRandom, type Random } from '../../streams/random.ts';

export interface FeedbackOptions {
  /** How long after they were told people say what they made of it. */
  readonly afterMs: number;
  /** Of so many of the pages, 0 to 1. */
  readonly share: number;
  readonly seed: number;
}

interface Waiting {
  readonly alert: StreamedAlert;
  readonly dueMs: number;
}

/** People who are told of incidents by the default target, and say later whether that was of use. */
export class Technicians {
  readonly #options: FeedbackOptions;
  readonly #random: Random;
  readonly #isReal: (incidentId: string) => boolean;
  readonly #waiting: Waiting[] = [];
  given = 0;

  /** `isReal`: whether an incident is of trouble, as the plan says and as far as it has come. */
  constructor(options: FeedbackOptions, isReal: (incidentId: string) => boolean) {
    this.#options = options;
    this.#random = createRandom(options.seed);
    this.#isReal = isReal;
  }

  told(alert: StreamedAlert, nowMs: number): void {
    if (this.#random.next() < this.#options.share)
      this.#waiting.push({ alert, dueMs: nowMs + this.#options.afterMs });
  }

  /** What they say until then, in the order in which they were told. */
  *say(nowMs: number): Generator<GivenFeedback> {
    for (let [next] = this.#waiting; next !== undefined && next.dueMs <= nowMs; [next] = this.#waiting) {
      this.#waiting.shift();
      const { alert, dueMs: atMs } = next;
      const { alertId, tenantId, incident, lastEventTimeMs } = alert;
      const outcome = this.#isReal(incident?.incidentId ?? alertId) ? 'useful' : 'noise';
      this.given++;
      yield {
        tenantId,
        feedback: feedbackOn(alert, { steps: 1, outcome, atMs }),
        reportedMs: lastEventTimeMs,
      };
    }
  }
}
