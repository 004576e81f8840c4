export enum Severity {
  Debug,
  Info,
}
