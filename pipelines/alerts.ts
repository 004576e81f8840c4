import { groupingDefaults } from '../alerting/grouping/options.ts';
import { groupAndScore } from '../alerting/stages/group-and-score.ts';
import { signalFormat } from '../alerting/stages/signal-format.ts';
import { createStatisticalScorer } from '../alerting/statistical/scorer.ts';
import { topics } from '../contracts/topics.ts';
import { from, type Topology } from '../streams/topology.ts';

/** Reports to alerts: grouped, scored, and each one's latest state by its id. */
export const alerts: Topology = from('alerts', {
  topics: [topics.signals],
  format: signalFormat,
  ingestTimeField: 'ingestTime',
})
  .through(groupAndScore({ grouping: groupingDefaults, scorer: createStatisticalScorer() }))
  .to({ topic: topics.alerts, partitionBy: 'key', value: 'as-is' })
  .build();
