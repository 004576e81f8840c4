import type { StateReader, StateWriter } from './state-bytes.ts';

export interface QuietGateOptions {
  /** A level is this much strength above the one below. */
  readonly step: number;
  /** Values without an equally strong one before the next counts as a new episode: a share of all so far … */
  readonly quietShare: number;
  /** … but at least and at most this many. */
  readonly quietLeast: number;
  readonly quietMost: number;
}

const levels = 16;

/**
 * Lets one alarm through for an episode, and another where it grows by a whole level. Strength is in levels above the
 * threshold (level 0); the two levels below are kept as well, as weak evidence.
 */
export class QuietGate {
  static readonly below = 2;
  readonly #options: QuietGateOptions;
  /** When each level, or a higher one, was last reached: the number of the value, 0 for never. */
  readonly #reached = new Float64Array(levels);

  constructor(options: QuietGateOptions) {
    this.#options = options;
  }

  static readonly maxBytes = 8 * levels;

  /** The level where the value with this number (from 1) is let through, null where it is not. */
  admit(strength: number, number: number): number | null {
    const { step, quietShare, quietLeast, quietMost } = this.#options;
    const level = Math.min(Math.floor(strength / step), levels - QuietGate.below - 1);
    if (!(level >= -QuietGate.below)) return null;
    const quiet = Math.min(quietMost, Math.max(quietLeast, quietShare * number));
    const slot = level + QuietGate.below;
    const last = this.#reached[slot] ?? 0;
    for (let i = 0; i <= slot; i++) this.#reached[i] = number;
    return last > 0 && number - last <= quiet ? null : level;
  }

  write(writer: StateWriter): void {
    writer.float64s(this.#reached);
  }

  read(reader: StateReader): void {
    reader.float64s(this.#reached);
  }
}
