export interface Window {
  readonly lengthMs: number;
}

export function rate(count: number, seconds: number): number {
  return count / seconds;
}

export function nobodyCallsMe(window: Window): number {
  return window.lengthMs;
}
