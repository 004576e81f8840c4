import type { SelfSeeing } from './self-seeing.ts';

export interface Twin {
  readonly seen: SelfSeeing;
}
