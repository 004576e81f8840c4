export interface DocumentStore {
  readonly name: string;
}
