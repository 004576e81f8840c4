const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const tenth = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** A count: `1,234`, from a hundred thousand on `123.5K`. */
export function formatCount(count: number): string {
  return Math.abs(count) < 100_000 ? whole.format(count) : compact.format(count);
}

/** A rate a second without its unit: `0.4`, `12`, `1,234`. */
export function formatRate(ratePerSecond: number): string {
  return Math.abs(ratePerSecond) < 10 ? tenth.format(ratePerSecond) : formatCount(ratePerSecond);
}

/** A share of one as a percentage: 0.053 is `5 %`; what is not known is `–`. */
export function formatShare(share: number | null): string {
  return share === null ? '–' : `${whole.format(share * 100)} %`;
}

/** Milliseconds as `8 ms`, `1.2 s` or `3 min`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1_000) return `${whole.format(durationMs)} ms`;
  if (durationMs < 60_000) return `${tenth.format(durationMs / 1_000)} s`;
  if (durationMs < 3_600_000) return `${whole.format(durationMs / 60_000)} min`;
  return `${tenth.format(durationMs / 3_600_000)} h`;
}

/** Bytes in powers of 1024: `15.6 GiB`. */
export function formatBytes(sizeBytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, sizeBytes)) / 10));
  return `${tenth.format(sizeBytes / 1024 ** power)} ${units[power] ?? 'B'}`;
}
