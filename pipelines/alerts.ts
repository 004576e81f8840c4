import { groupingDefaults } from '../alerting/grouping/options.ts';
import { groupAndScore } from '../alerting/stages/group-and-score.ts';
import { signalFormat } from '../alerting/stages/signal-format.ts';
import { createLearnedScorer } from '../alerting/learned/scorer.ts';
import { noParents, type ParentBook } from '../alerting/parent-book.ts';
import type { WindowBook } from '../alerting/window-book.ts';
import { topics } from '../contracts/topics.ts';
import { from, type Topology } from '../streams/topology.ts';

/** Reports to alerts: grouped, scored, kept out of sight within windows, and each one's latest state by its id. */
export function alerts(windows: WindowBook, parents: ParentBook = noParents): Topology {
  return from('alerts', {
    topics: [topics.signals],
    format: signalFormat,
    ingestTimeField: 'ingestTime',
  })
    .through(groupAndScore({ grouping: groupingDefaults, scorer: createLearnedScorer(), windows, parents }))
    .to({ topic: topics.alerts, partitionBy: 'key', value: 'as-is' })
    .build();
}
