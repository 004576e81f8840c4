import type { Twin } from './twin.ts';

export interface SelfSeeing {
  readonly twin: Twin;
}
