import { randomInt } from 'node:crypto';

import type { Log } from '../brokers/log.ts';
import type { Messaging } from '../brokers/messaging.ts';
import { toolTopics, topics } from '../contracts/topics.ts';
import { alerts } from '../pipelines/alerts.ts';
import { detect } from '../pipelines/detect.ts';
import { presence } from '../pipelines/presence.ts';
import { relay } from '../pipelines/relay.ts';
import { telemetry } from '../pipelines/telemetry.ts';
import { place, tools } from '../pipelines/tools.ts';
import type { DocumentStore } from '../stores/documents.ts';
import { openRules, openWindows } from './stores.ts';
import { createParentRegistry } from '../stores/parent-registry.ts';
import { createToolDirectory } from '../stores/tool-directory.ts';
import type { Clock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';
import { type RunOptions, runTopology } from '../streams/run.ts';
import type { Restored } from '../streams/restored.ts';
import type { Running } from '../streams/running.ts';
import type { Topology } from '../streams/topology.ts';
import { dedupeWindowMs, type Settings } from './settings.ts';

const dayMs = 86_400_000;
/**
 * How long a run waits for a fuller batch: what a commit costs is shared by its records. Detection and alerts write
 * much for few reports, and what is reported again within a batch is written once.
 */
const lingerMs = { transport: 25, detect: 50, alerts: 200 } as const;

/** What every pipeline needs. */
export interface PipelineDeps {
  readonly log: Log;
  readonly clock: Clock;
  /** Told of each partition whose state a pipeline read back. */
  readonly onRestored?: OnRestored;
}

export type OnRestored = (pipeline: string, partition: number, restored: Restored) => void;

/** Messaging to log. Its source and its run go on `stack`, so that disposing finishes the batch in hand first. */
export async function startRelay(
  deps: PipelineDeps & { readonly messaging: Messaging },
  stack: AsyncDisposableStack,
): Promise<Running> {
  const source = stack.use(await deps.messaging.consume(relay.name));
  return stack.use(runTopology(relay, { ...runOptions(deps, relay.name), source }));
}

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
      runTopology(presence, { ...runOptions(deps, presence.name), lingerMs: lingerMs.detect, source }),
    ),
  ];
}

/** Enriched to reports, and reports to alerts. Their sources and runs go on `stack`. */
export async function startAlerts(
  deps: PipelineDeps & { readonly documents: DocumentStore },
  stack: AsyncDisposableStack,
): Promise<readonly Running[]> {
  const start = async (topology: Topology, waitMs: number): Promise<Running> => {
    const { topics: from } = topology.source;
    const source = stack.use(await deps.log.source({ group: topology.name, topics: from }));
    return stack.use(runTopology(topology, { ...runOptions(deps, topology.name), lingerMs: waitMs, source }));
  };
  const alerting = alerts(openWindows(deps.documents, deps.clock), createParentRegistry(deps));
  const detecting = detect(openRules(deps.documents, deps.clock));
  return [await start(alerting, lingerMs.alerts), await start(detecting, lingerMs.detect)].reverse();
}

function runOptions({ log, clock, onRestored }: PipelineDeps, pipeline: string): Omit<RunOptions, 'source'> {
  return {
    log,
    deadLetterTopic: topics.deadLetters,
    clock,
    random: createRandom(randomInt(2 ** 32)),
    stopwatchMs: () => performance.now(),
    lingerMs: lingerMs.transport,
    onRestored: (partition, restored) => onRestored?.(pipeline, partition, restored),
  };
}
