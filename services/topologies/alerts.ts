import { alerts } from '../../pipelines/alerts.ts';
import { detect } from '../../pipelines/detect.ts';
import type { DocumentStore } from '../../stores/documents.ts';
import { createParentRegistry } from '../../stores/parent-registry.ts';
import { runTopology } from '../../streams/run.ts';
import type { Running } from '../../streams/running.ts';
import type { Topology } from '../../streams/topology.ts';
import { type PipelineDeps, runOptions } from './run-options.ts';
import { openRules, openWindows } from '../stores.ts';

/** Enriched to reports, and reports to alerts. Their sources and runs go on `stack`. */
export async function startAlerts(
  deps: PipelineDeps & { readonly documents: DocumentStore },
  stack: AsyncDisposableStack,
): Promise<readonly Running[]> {
  const start = async (topology: Topology, lingerMs: number): Promise<Running> => {
    const { topics: from } = topology.source;
    const source = stack.use(await deps.log.source({ group: topology.name, topics: from }));
    return stack.use(runTopology(topology, { ...runOptions(deps, topology.name), lingerMs, source }));
  };
  const alerting = alerts(openWindows(deps.documents, deps.clock), createParentRegistry(deps));
  const detecting = detect(openRules(deps.documents, deps.clock));
  return [await start(alerting, deps.pace.alertsMs), await start(detecting, deps.pace.detectMs)].reverse();
}
