import type { RuleBook } from '../alerting/rule-book.ts';
import { noWindows } from '../alerting/window-book.ts';
import type { Log } from '../brokers/log.ts';
import type { KeptRule } from '../contracts/alert-rule.ts';
import { type StreamedAlert, streamedAlertSchema } from '../contracts/alert.ts';
import { topics } from '../contracts/topics.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import { maxTimestampMs, recordCount } from '../streams/record-batch.ts';
import { RecordCursor } from '../streams/record-cursor.ts';
import { drop, emit, type Stage } from '../streams/stage.ts';
import type { Topology } from '../streams/topology.ts';
import { alerts } from './alerts.ts';
import { detect } from './detect.ts';
import { createTopologyPass, type TopologyPass } from './topology-pass.ts';

export interface ReplayDeps {
  readonly log: Pick<Log, 'partitionCount' | 'readAll'>;
}

/** The alerts that a set of rules makes of the stored stream. */
export interface Replayed {
  readonly events: number;
  /** Of the newest event of the first and of the last batch; null where there is none. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** Each as it was last. */
  readonly alerts: readonly StreamedAlert[];
  /** Whether one of them is of the same name on the same host at the same time. */
  has(alert: StreamedAlert): boolean;
}

const otherTenant = drop('other-tenant');

/**
 * Runs a tenant's part of the enriched stream since `fromMs` through the topologies of detection and of alerts, once
 * for each set of rules, in memory; partitions are merged by their batches' times. The same code as in the stream.
 */
export async function replayAlerts<const Sets extends readonly (readonly KeptRule[])[]>(
  { log }: ReplayDeps,
  scope: TenantScope,
  fromMs: number,
  sets: Sets,
): Promise<{ readonly [Set in keyof Sets]: Replayed }> {
  const replays = sets.map((rules) => new Replay(scope, rules, log.partitionCount(topics.enriched)));
  for await (const { partition, bytes, timeMs } of mergedBatches(log)) {
    if (timeMs < fromMs) continue;
    for (const replay of replays) await replay.pass(partition, bytes, timeMs);
  }
  return replays.map((replay) => replay.result()) as { readonly [Set in keyof Sets]: Replayed };
}

class Replay {
  readonly #detect: readonly TopologyPass[];
  readonly #alerts: TopologyPass;
  readonly #latest = new Map<string, StreamedAlert>();
  readonly #cursor = new RecordCursor();
  #nowMs = 0;
  #events = 0;
  #fromMs: number | null = null;

  constructor(scope: TenantScope, rules: readonly KeptRule[], partitions: number) {
    const set = { rulesOf: () => rules };
    const book: RuleBook = { current: () => Promise.resolve(set) };
    const pass = (topology: Topology, partition: number): TopologyPass =>
      createTopologyPass(topology, { partitions, partition, nowMs: () => this.#nowMs });
    const detection = detect(book);
    const ofTenant = { ...detection, stages: [onlyOf(scope), ...detection.stages] };
    this.#detect = Array.from({ length: partitions }, (_, partition) => pass(ofTenant, partition));
    this.#alerts = pass(alerts(noWindows), 0);
  }

  async pass(partition: number, bytes: Buffer, timeMs: number): Promise<void> {
    const task = this.#detect[partition];
    if (task === undefined) return;
    this.#nowMs = Math.max(this.#nowMs, timeMs);
    this.#fromMs ??= timeMs;
    this.#events += recordCount(bytes);
    for (const batch of await task.pass(bytes, timeMs)) {
      for (const out of await this.#alerts.pass(batch, maxTimestampMs(batch))) this.#take(out);
    }
  }

  result(): Replayed {
    const found = [...this.#latest.values()];
    const byKind = new Map<string, StreamedAlert[]>();
    for (const alert of found) {
      const of = byKind.get(kindOf(alert));
      if (of === undefined) byKind.set(kindOf(alert), [alert]);
      else of.push(alert);
    }
    return {
      events: this.#events,
      fromMs: this.#fromMs,
      toMs: this.#fromMs === null ? null : this.#nowMs,
      alerts: found,
      has: (alert) => (byKind.get(kindOf(alert)) ?? []).some((other) => overlap(alert, other)),
    };
  }

  #take(batch: Buffer): void {
    this.#cursor.reset(batch);
    while (this.#cursor.next()) {
      const value = Buffer.from(this.#cursor.value() ?? []).toString('utf8');
      const alert = streamedAlertSchema.parse(JSON.parse(value));
      this.#latest.set(alert.alertId, alert);
    }
  }
}

/** Batches of all partitions, the one with the oldest newest event first. */
async function* mergedBatches(log: ReplayDeps['log']) {
  const readers = Array.from({ length: log.partitionCount(topics.enriched) }, (_, partition) => ({
    partition,
    batches: log.readAll(topics.enriched, partition)[Symbol.asyncIterator](),
  }));
  const next = async ({ partition, batches }: (typeof readers)[number]) => {
    const read = await batches.next();
    if (read.done === true) return null;
    return { partition, bytes: read.value, timeMs: maxTimestampMs(read.value) };
  };
  const heads = await Promise.all(readers.map(next));
  for (;;) {
    const first = heads.reduce(
      (best, head) => (head !== null && (best === null || head.timeMs < best.timeMs) ? head : best),
      null,
    );
    if (first === null) return;
    const reader = readers[first.partition];
    heads[first.partition] = reader === undefined ? null : await next(reader);
    yield first;
  }
}

function onlyOf({ tenantId }: TenantScope): Stage {
  return {
    name: 'only-tenant',
    reads: ['tenantId'],
    adds: [],
    open: ({ field }) => {
      const tenant = field('tenantId');
      return { process: (record) => (record.text(tenant) === tenantId ? emit : otherTenant) };
    },
  };
}

function kindOf({ fingerprint: { ruleId, fields } }: StreamedAlert): string {
  return JSON.stringify([ruleId, fields['name'], fields['host']]);
}

function overlap(a: StreamedAlert, b: StreamedAlert): boolean {
  return a.firstEventTimeMs <= b.lastEventTimeMs && b.firstEventTimeMs <= a.lastEventTimeMs;
}
