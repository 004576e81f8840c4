export interface FetchOptions {
  /** Files fetched so far, of how many. */
  readonly onFetched: (done: number, total: number) => void;
  /** The compiler of our own programs. */
  readonly javac: string;
}
