/** What keeps detection's cost and memory bounded, whatever the devices send. All are of one partition. */
export interface WatchLimits {
  /** Of each device and each kind of measuring event, one in this time is looked at. */
  readonly measureEveryMs: number;
  /** Of each tenant, so many log lines a second are looked at. */
  readonly linesPerSecond: number;
  /** Forms of log lines of a tenant whose frequency is known. */
  readonly forms: number;
  readonly seriesPerDevice: number;
  readonly devices: number;
  /** Series of `metric-anomaly`: up to 25 KB each. */
  readonly anomalySeries: number;
  /** Loggers of a tenant whose templates are mined. */
  readonly loggers: number;
  /** A device that gave no sign of life for so long is no longer missed. */
  readonly forgetMs: number;
}

export const watchLimits: WatchLimits = {
  measureEveryMs: 10_000,
  linesPerSecond: 200,
  forms: 1_000,
  seriesPerDevice: 64,
  devices: 100_000,
  anomalySeries: 4_000,
  loggers: 200,
  forgetMs: 30 * 86_400_000,
};
