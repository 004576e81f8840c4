/**
 * One report that something is wrong: what detection, a rule or another tool's alert hands to grouping and scoring.
 * Plain data. All of its text may come from a device and is hostile: it is compared and counted, never interpreted.
 */
export interface Sighting {
  /** What is wrong: the rule's or the tool's name of it. The same trouble has the same name everywhere. */
  readonly name: string;
  /** Where: the device, or whatever stands for it. */
  readonly host: string;
  /** Event time, milliseconds since the epoch; a source's clock that runs ahead is bounded by the caller. */
  readonly timeMs: number;
}
