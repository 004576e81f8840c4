import type { KeptRule } from '../../contracts/alert-rule.ts';
import { type OpenSeries, seriesOf } from './series.ts';

/** A rule, ready to open series of. */
export interface CompiledRule {
  readonly rule: KeptRule;
  readonly open: OpenSeries;
}

/** One tenant's rules by what they look at. */
export interface CompiledRules {
  readonly all: ReadonlyMap<string, CompiledRule>;
  /** On every event of a type: rate, pattern, and absence of such events. */
  readonly byType: ReadonlyMap<string, readonly CompiledRule[]>;
  /** On the samples of a metric. */
  readonly byMetric: ReadonlyMap<string, readonly CompiledRule[]>;
  readonly onLogs: readonly CompiledRule[];
  /** On any sign of life. */
  readonly onSilence: readonly CompiledRule[];
  /** On how the devices of an organization fall silent. */
  readonly onSites: readonly CompiledRule[];
}

const compiled = new WeakMap<KeptRule, CompiledRule>();

/** Those that are enabled. Throws `ARGUMENT_INVALID` for a condition that is no CEL; kept rules have been checked. */
export function compileRules(rules: readonly KeptRule[]): CompiledRules {
  const all = new Map<string, CompiledRule>();
  const byType = new Map<string, CompiledRule[]>();
  const byMetric = new Map<string, CompiledRule[]>();
  const onLogs: CompiledRule[] = [];
  const onSilence: CompiledRule[] = [];
  const onSites: CompiledRule[] = [];
  for (const kept of rules) {
    if (!kept.enabled) continue;
    const rule = compile(kept);
    all.set(kept.ruleId, rule);
    const { detect } = kept;
    if (detect.kind === 'joint-silence') onSites.push(rule);
    else if (detect.kind === 'log-templates') onLogs.push(rule);
    else if (detect.kind === 'threshold' || detect.kind === 'metric-anomaly')
      push(byMetric, detect.metric, rule);
    else if (detect.eventTypes === undefined) onSilence.push(rule);
    else for (const type of new Set(detect.eventTypes)) push(byType, type, rule);
  }
  return { all, byType, byMetric, onLogs, onSilence, onSites };
}

function compile(rule: KeptRule): CompiledRule {
  let known = compiled.get(rule);
  if (known === undefined) compiled.set(rule, (known = { rule, open: seriesOf(rule) }));
  return known;
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
