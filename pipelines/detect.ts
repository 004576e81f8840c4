import type { RuleBook } from '../alerting/rule-book.ts';
import { enrichedFormat } from '../alerting/stages/signal-format.ts';
import { report } from '../alerting/stages/report.ts';
import { topics } from '../contracts/topics.ts';
import { from, type Topology } from '../streams/topology.ts';

/** The clean stream to reports that something is wrong, those of a tenant in one partition. */
export function detect(rules: RuleBook): Topology {
  return from('detect', {
    topics: [topics.enriched],
    format: enrichedFormat,
    ingestTimeField: 'ingestTime',
  })
    .through(report(rules))
    .to({ topic: topics.signals, partitionBy: 'key', value: 'as-is' })
    .build();
}
