export interface Event {
  readonly id: string;
}
