/** How far time goes on at once: a longer pause means that nobody was watching. */
const longestStepMs = 15_000;

export interface StreamTimeState {
  readonly nowMs: number;
  readonly wallMs: number;
}

/**
 * The time in which somebody watched, for rules on what is missing. It follows the acceptance times of the stream, and
 * the clock while the stream is read to its end. A pause of both, because the platform or this topology was down,
 * counts 15 s at most: what was not reported while nobody listened is not missing.
 */
export class StreamTime {
  #nowMs: number;
  #wallMs: number;

  constructor({ nowMs, wallMs }: StreamTimeState = { nowMs: 0, wallMs: Number.NEGATIVE_INFINITY }) {
    this.#nowMs = nowMs;
    this.#wallMs = wallMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** The newest time that was seen. */
  get wallMs(): number {
    return this.#wallMs;
  }

  get state(): StreamTimeState {
    return { nowMs: this.#nowMs, wallMs: this.#wallMs };
  }

  /** An acceptance time, or the clock while there is nothing to read; what is older than the newest changes nothing. */
  see(wallMs: number): void {
    if (!(wallMs > this.#wallMs)) return;
    this.#nowMs += Math.min(wallMs - this.#wallMs, longestStepMs);
    this.#wallMs = wallMs;
  }
}
