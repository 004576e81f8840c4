export interface Analytics {
  readonly name: string;
}
