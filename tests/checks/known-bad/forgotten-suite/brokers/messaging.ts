export interface Messaging {
  readonly name: string;
}
