import type { AlertRule } from '../../contracts/alert-rule.ts';
import { seriesOf } from './series.ts';

/** Throws `ARGUMENT_INVALID`, with the place of the fault, where a rule has a condition that is no CEL. */
export function checkRule(rule: AlertRule): void {
  seriesOf(rule);
}
