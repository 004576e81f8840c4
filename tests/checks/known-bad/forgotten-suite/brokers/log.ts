export interface Log {
  readonly name: string;
}
