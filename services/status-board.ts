import type { StageStatus } from '../contracts/pipeline.ts';
import type { DocumentStore } from '../stores/documents.ts';
import { platformScope } from '../stores/documents.ts';
import { addRestored, type Restored, restoredStatus } from '../streams/restored.ts';
import type { RunStatus } from '../streams/running.ts';

const collection = 'role-statuses';
/** A process that wrote nothing for this long does not count any more. */
const forgottenAfterMs = 5_000;
const removedAfterMs = 60_000;
const maxProcesses = 1000;

interface StatusDocument {
  readonly writtenAtMs: number;
  readonly status: RunStatus;
}

/** Where the processes of all roles say how they do, so that the query role can tell. */
export interface StatusBoard {
  /** Writes what one process runs. The caller does so every second. */
  write(instance: string, statuses: readonly RunStatus[]): Promise<void>;
  /** Takes back what a process wrote, when it ends. */
  clear(instance: string, names: readonly string[]): Promise<void>;
  /**
   * Each of `names` once, in their order, its processes added up. One that no process runs is `stopped`, with
   * what to do. Called by one reader every half second or so.
   */
  read(names: readonly string[]): Promise<readonly RunStatus[]>;
}

/**
 * Keeps one document a process and pipeline. Whether a process lives is judged by the reader's clock, from when it
 * saw the document change, so that clocks of machines need not agree.
 */
export function createStatusBoard(documents: DocumentStore, nowMs: () => number): StatusBoard {
  const seen = new Map<string, { readonly writtenAtMs: number; readonly changedAtMs: number }>();
  const ageMs = (id: string, writtenAtMs: number): number => {
    const known = seen.get(id);
    if (known?.writtenAtMs === writtenAtMs) return nowMs() - known.changedAtMs;
    // The first sight of a document says nothing about its age but what its writer's clock says.
    const changedAtMs = known === undefined ? Math.min(nowMs(), writtenAtMs) : nowMs();
    seen.set(id, { writtenAtMs, changedAtMs });
    return nowMs() - changedAtMs;
  };
  return {
    async write(instance, statuses) {
      const writtenAtMs = nowMs();
      await documents.putAll(
        collection,
        statuses.map((status) => ({
          scope: platformScope,
          id: idOf(status.name, instance),
          document: { writtenAtMs, status } satisfies StatusDocument,
        })),
      );
    },
    async clear(instance, names) {
      for (const name of names) await documents.delete(platformScope, collection, idOf(name, instance));
    },
    async read(names) {
      const rows = await documents.list<StatusDocument>(platformScope, collection, { limit: maxProcesses });
      const living: RunStatus[] = [];
      for (const { id, document } of rows) {
        const age = ageMs(id, document.writtenAtMs);
        if (age < forgottenAfterMs) living.push(document.status);
        else if (age > removedAfterMs) {
          seen.delete(id);
          await documents.delete(platformScope, collection, id);
        }
      }
      return names.map((name) =>
        sumOf(
          name,
          living.filter((status) => status.name === name),
        ),
      );
    },
  };
}

function idOf(name: string, instance: string): string {
  return `${name}/${instance}`;
}

/** Several processes of one pipeline as one: counts and rates add up, the slowest says the latency. */
function sumOf(name: string, statuses: readonly RunStatus[]): RunStatus {
  const first = statuses[0];
  if (first === undefined) return absent(name);
  const sum = (pick: (status: RunStatus) => number): number =>
    statuses.reduce((total, status) => total + pick(status), 0);
  const most = (pick: (status: RunStatus) => number): number => Math.max(...statuses.map(pick));
  const troubled = statuses.find((s) => s.state === 'stopped') ?? statuses.find((s) => s.reason !== null);
  const restored = statuses.flatMap(({ restored: one }): Restored[] => (one === undefined ? [] : [one]));
  const running = statuses.some((status) => status.state === 'running');
  return {
    ...first,
    state: running ? 'running' : first.state,
    reason: troubled?.reason ?? null,
    recordsIn: sum((s) => s.recordsIn),
    recordsOut: sum((s) => s.recordsOut),
    deadLetters: sum((s) => s.deadLetters),
    ratePerSecond: sum((s) => s.ratePerSecond),
    unflushed: sum((s) => s.unflushed ?? 0),
    latencyMs: {
      p50: most((s) => s.latencyMs.p50),
      p99: most((s) => s.latencyMs.p99),
      max: most((s) => s.latencyMs.max),
    },
    stages: first.stages.map((stage) =>
      sumOfStages(statuses.flatMap((s) => s.stages.filter((other) => other.name === stage.name))),
    ),
    ...(restored.length === 0 ? {} : { restored: restoredStatus(restored.reduce(addRestored)) }),
  };
}

function sumOfStages(stages: readonly StageStatus[]): StageStatus {
  return stages.reduce((total, stage) => {
    const recordsIn = total.recordsIn + stage.recordsIn;
    const dropped = { ...total.dropped };
    for (const [reason, count] of Object.entries(stage.dropped))
      dropped[reason] = (dropped[reason] ?? 0) + count;
    const micros = total.microsPerRecord * total.recordsIn + stage.microsPerRecord * stage.recordsIn;
    return {
      name: stage.name,
      recordsIn,
      emitted: total.emitted + stage.emitted,
      dropped,
      deadLetters: total.deadLetters + stage.deadLetters,
      ratePerSecond: total.ratePerSecond + stage.ratePerSecond,
      microsPerRecord: recordsIn === 0 ? 0 : micros / recordsIn,
    };
  });
}

function absent(name: string): RunStatus {
  return {
    name,
    state: 'stopped',
    reason: `No process has said for ${forgottenAfterMs / 1000} s that it runs this: start its role (openframe service), or look at its log.`,
    from: [],
    to: '',
    recordsIn: 0,
    recordsOut: 0,
    deadLetters: 0,
    ratePerSecond: 0,
    latencyMs: { p50: 0, p99: 0, max: 0 },
    stages: [],
  };
}
