import type { Stage } from '../streams/stage.ts';

export interface Log {
  readonly stages: readonly Stage[];
}
