import { OpenFrameError } from '../../../contracts/errors.ts';

/** Writes numbers one after the other, little-endian, after a byte that names the layout. */
export class StateWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 1;

  /** `maxBytes` is the most that is ever written. */
  constructor(layout: number, maxBytes: number) {
    this.#bytes = new Uint8Array(maxBytes + 1);
    this.#view = new DataView(this.#bytes.buffer);
    this.#bytes[0] = layout;
  }

  float64(value: number): void {
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  float64s(values: Float64Array): void {
    for (const value of values) this.float64(value);
  }

  /** The first `count` values of `values`. */
  float32s(values: Float32Array, count: number): void {
    for (let i = 0; i < count; i++, this.#at += 4) this.#view.setFloat32(this.#at, values[i] ?? 0, true);
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }
}

/** Reads what a `StateWriter` wrote, in the same order. Throws `STATE_CORRUPT` for anything else. */
export class StateReader {
  readonly #view: DataView;
  #at = 1;

  constructor(layout: number, bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes[0] !== layout) throw corrupt(`layout ${bytes[0] ?? 'none'} where ${layout} is read`);
  }

  float64(): number {
    this.#need(8);
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  /** A whole number from 0 to `most`: an index or a count. */
  whole(most: number): number {
    const value = this.float64();
    if (Number.isInteger(value) && value >= 0 && value <= most) return value;
    throw corrupt(`${value} where a whole number up to ${most} stands`);
  }

  float64s(target: Float64Array): void {
    for (let i = 0; i < target.length; i++) target[i] = this.float64();
  }

  float32s(target: Float32Array, count: number): void {
    this.#need(4 * count);
    for (let i = 0; i < count; i++, this.#at += 4) target[i] = this.#view.getFloat32(this.#at, true);
  }

  finish(): void {
    if (this.#at !== this.#view.byteLength) throw corrupt('bytes left over');
  }

  #need(count: number): void {
    if (this.#at + count > this.#view.byteLength) throw corrupt('bytes missing');
  }
}

function corrupt(what: string): OpenFrameError {
  return new OpenFrameError('STATE_CORRUPT', `A detector's state cannot be read back: ${what}.`);
}
