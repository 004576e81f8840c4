import type { StateReader, StateWriter } from './state-bytes.ts';

/** The span of a series' values, shrinking towards its middle so that an old extreme is forgotten. */
export class ValueRange {
  readonly #keep: number;
  #low = NaN;
  #high = NaN;

  /** The span halves in `halfLife` values if none comes near its ends. */
  constructor(halfLife: number) {
    this.#keep = 2 ** (-1 / halfLife);
  }

  static readonly maxBytes = 8 * 2;

  /** 0 before two different values. */
  get span(): number {
    return this.#high > this.#low ? this.#high - this.#low : 0;
  }

  /** Which side of the span a value lies on: 1 above, -1 below, 0 within. */
  side(value: number): -1 | 0 | 1 {
    if (value > this.#high) return 1;
    return value < this.#low ? -1 : 0;
  }

  observe(value: number): void {
    if (Number.isNaN(this.#low)) {
      this.#low = value;
      this.#high = value;
      return;
    }
    const middle = (this.#low + this.#high) / 2;
    this.#low = Math.min(value, middle + (this.#low - middle) * this.#keep);
    this.#high = Math.max(value, middle + (this.#high - middle) * this.#keep);
  }

  write(writer: StateWriter): void {
    writer.float64(this.#low);
    writer.float64(this.#high);
  }

  read(reader: StateReader): void {
    this.#low = reader.float64();
    this.#high = reader.float64();
  }
}
