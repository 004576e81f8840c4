import { toolTopics, topics } from '../../contracts/topics.ts';
import { presence } from '../../pipelines/presence.ts';
import { telemetry } from '../../pipelines/telemetry.ts';
import { place, tools } from '../../pipelines/tools.ts';
import type { DocumentStore } from '../../stores/documents.ts';
import { createToolDirectory } from '../../stores/tool-directory.ts';
import { runTopology } from '../../streams/run.ts';
import type { Running } from '../../streams/running.ts';
import { type PipelineDeps, runOptions } from './run-options.ts';
import { dedupeWindowMs, type Settings } from '../settings.ts';

const dayMs = 86_400_000;

/** Raw to enriched. Its source and its run go on `stack`. */
export async function startTelemetry(
  deps: PipelineDeps & { readonly settings: Settings },
  stack: AsyncDisposableStack,
): Promise<Running> {
  const topology = telemetry({
    windowMs: dedupeWindowMs(deps.settings),
    marksRetentionMs: dayMs,
  });
  const source = stack.use(await deps.log.source({ group: topology.name, topics: [topics.raw] }));
  return stack.use(runTopology(topology, { ...runOptions(deps, topology.name), source }));
}

/** Tools' topics to raw events: decoding, then placing and joining. Sources and runs go on `stack`. */
export async function startTools(
  deps: PipelineDeps & { readonly documents: DocumentStore; readonly settings: Settings },
  stack: AsyncDisposableStack,
): Promise<readonly Running[]> {
  const { log, settings } = deps;
  const latenessMs = settings.OPENFRAME_JOIN_LATENESS_SECONDS * 1000;
  const placing = place({ latenessMs, rememberMs: latenessMs + dayMs }, createToolDirectory(deps));
  const placed = stack.use(await log.source({ group: placing.name, topics: [topics.toolEvents] }));
  const placeRun = stack.use(runTopology(placing, { ...runOptions(deps, placing.name), source: placed }));
  const source = stack.use(await log.source({ group: tools.name, topics: Object.values(toolTopics) }));
  return [stack.use(runTopology(tools, { ...runOptions(deps, tools.name), source })), placeRun];
}

/** Enriched to the events of devices' lives, which are raw ones again, where they are wanted. */
export async function startPresence(
  deps: PipelineDeps & { readonly settings: Settings },
  stack: AsyncDisposableStack,
): Promise<readonly Running[]> {
  if (deps.settings.OPENFRAME_DEVICE_EVENTS === 'off') return [];
  const source = stack.use(await deps.log.source({ group: presence.name, topics: [topics.enriched] }));
  return [
    stack.use(
      runTopology(presence, { ...runOptions(deps, presence.name), lingerMs: deps.pace.detectMs, source }),
    ),
  ];
}
