import type { StateReader, StateWriter } from './state-bytes.ts';

export interface PeakStatisticsOptions {
  /** Values in a block, of which the highest counts. */
  readonly blockLength: number;
  /** Values after which an earlier peak counts half. */
  readonly halfLife: number;
  /** What is believed of the logarithmic peaks before any is seen: their deviation, and the blocks that it weighs … */
  readonly priorDeviation: number;
  readonly priorBlocks: number;
  /** … and a low peak, as a share of the range, that counts as so many blocks: rarity has to be earned. */
  readonly lowPeakShare: number;
  readonly lowPeakBlocks: number;
}

/**
 * How high the peaks of a series usually are: mean and standard deviation of the logarithm of each block's maximum.
 * A series with rough peaks has a wide spread and a calm one a narrow, so one threshold in standard scores gives both
 * about the same rate of false alarms (block maxima: Gumbel, "Statistics of Extremes", 1958).
 */
export class PeakStatistics {
  readonly #options: PeakStatisticsOptions;
  #inBlock = 0;
  #highest = 0;
  #blocks = 0;
  #sum = 0;
  #squares = 0;

  constructor(options: PeakStatisticsOptions) {
    this.#options = options;
  }

  static readonly maxBytes = 8 * 5;

  /** How many standard deviations `ln(value)` stands above the mean peak; null before the first whole block. */
  standardScore(value: number): number | null {
    if (this.#blocks === 0) return null;
    const { priorDeviation, priorBlocks } = this.#options;
    const mean = this.#sum / this.#blocks;
    const variance = Math.max(0, this.#squares / this.#blocks - mean * mean);
    const pooled =
      (this.#blocks * variance + priorBlocks * priorDeviation * priorDeviation) /
      (this.#blocks + priorBlocks);
    return (Math.log(value) - mean) / Math.sqrt(pooled);
  }

  /** Counts a value of a series with this range; `least` is what a block without a higher one counts as. */
  observe(value: number, least: number, range: number): void {
    this.#highest = Math.max(this.#highest, value);
    if (++this.#inBlock < this.#options.blockLength) return;
    const { lowPeakShare, lowPeakBlocks } = this.#options;
    if (this.#blocks === 0) this.#count(lowPeakShare * range, lowPeakBlocks);
    else this.#fade();
    this.#count(Math.max(this.#highest, least), 1);
    this.#inBlock = 0;
    this.#highest = 0;
  }

  #fade(): void {
    const keep = 2 ** (-this.#options.blockLength / this.#options.halfLife);
    this.#blocks *= keep;
    this.#sum *= keep;
    this.#squares *= keep;
  }

  #count(peak: number, blocks: number): void {
    const log = Math.log(peak);
    this.#blocks += blocks;
    this.#sum += blocks * log;
    this.#squares += blocks * log * log;
  }

  write(writer: StateWriter): void {
    writer.float64(this.#inBlock);
    writer.float64(this.#highest);
    writer.float64(this.#blocks);
    writer.float64(this.#sum);
    writer.float64(this.#squares);
  }

  read(reader: StateReader): void {
    this.#inBlock = reader.whole(this.#options.blockLength - 1);
    this.#highest = reader.float64();
    this.#blocks = reader.float64();
    this.#sum = reader.float64();
    this.#squares = reader.float64();
  }
}
