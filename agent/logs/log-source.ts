/** One line of the system's log, ready to report. */
export interface LogLine {
  /** Derived from where the line stands, so that a line read twice has one id. */
  readonly id: string;
  readonly timeMs: number;
  readonly message: string;
  /** TRACE, DEBUG, INFO, WARN, ERROR or FATAL where the log says; never guessed. */
  readonly severityText?: string;
  /** The unit, program or file that wrote it. */
  readonly logger: string;
}

/** Lines and the cursor behind them. */
export interface LogBatch {
  readonly lines: readonly LogLine[];
  readonly cursor: string;
}

/**
 * A log that is read behind a cursor. Called by one reader at a time, in a loop: `read(cursor)` gives what
 * follows, the caller makes lines and cursor durable in one transaction, and calls again with the new cursor.
 * A crash between the two reads the same lines again, under the same ids. Empty `lines` with a new cursor is
 * possible (a rotation); undefined means that nothing is new. Throws when the log cannot be read now.
 */
export interface LogSource extends AsyncDisposable {
  /** Names the cursor in the spool. */
  readonly name: string;
  /** `cursor` is undefined at the very first read: the source then starts with its newest lines. */
  read(cursor: string | undefined, signal: AbortSignal): Promise<LogBatch | undefined>;
}

export const logLimits = {
  /** A longer line is reported in pieces. */
  lineBytes: 16 * 1024,
  /** How much of a log one read takes. */
  readBytes: 128 * 1024,
  /** How many of a log's newest lines the first start reports, and how old they may be. */
  firstBytes: 16 * 1024,
  firstLines: 200,
  firstAgeMs: 24 * 3600 * 1000,
} as const;
