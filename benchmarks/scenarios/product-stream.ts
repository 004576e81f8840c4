import { defaultRuleBook } from '../../alerting/rules/default-rule-book.ts';
import type { WindowBook } from '../../alerting/window-book.ts';
import { type StreamedAlert, streamedAlertSchema } from '../../contracts/alert.ts';
import type { KeptWindow, MaintenanceWindow } from '../../contracts/maintenance-window.ts';
import { alerts } from '../../pipelines/alerts.ts';
import { detect } from '../../pipelines/detect.ts';
import { feedbackBatch, type GivenFeedback } from '../../pipelines/feedback-batch.ts';
import { presence } from '../../pipelines/presence.ts';
import { telemetry } from '../../pipelines/telemetry.ts';
import { createTopologyPass, type TopologyPass } from '../../pipelines/topology-pass.ts';
import { RecordCursor } from '../../streams/record-cursor.ts';
import { maxTimestampMs } from '../../streams/record-batch.ts';
import type { Topology } from '../../streams/topology.ts';

const dayMs = 86_400_000;

/**
 * The product's own way of an event to its alert, in memory and in the caller's time: the topologies telemetry,
 * presence, detect and alerts with the default rules, as `openframe up` runs them.
 */
export class ProductStream {
  readonly #telemetry: TopologyPass;
  readonly #presence: TopologyPass;
  readonly #detect: TopologyPass;
  readonly #alerts: TopologyPass;
  readonly #cursor = new RecordCursor();
  #nowMs = 0;

  constructor(windows: readonly MaintenanceWindow[]) {
    const pass = (topology: Topology): TopologyPass =>
      createTopologyPass(topology, { partitions: 1, partition: 0, nowMs: () => this.#nowMs });
    this.#telemetry = pass(telemetry({ windowMs: 600_000, marksRetentionMs: dayMs }));
    this.#presence = pass(presence);
    this.#detect = pass(detect(defaultRuleBook));
    this.#alerts = pass(alerts(bookOf(windows)));
  }

  /** Takes a batch of raw records at a time; answers what the stream says of alerts, in its order. */
  async take(raw: Buffer, nowMs: number): Promise<readonly StreamedAlert[]> {
    this.#nowMs = nowMs;
    const told: StreamedAlert[] = [];
    const waiting = [raw];
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      for (const enriched of await this.#telemetry.pass(batch, nowMs)) {
        waiting.push(...(await this.#presence.pass(enriched, nowMs)));
        for (const signals of await this.#detect.pass(enriched, nowMs)) {
          for (const out of await this.#alerts.pass(signals, maxTimestampMs(signals))) {
            told.push(...this.#alertsOf(out));
          }
        }
      }
    }
    return told;
  }

  /** Takes what somebody made of an alert, as the platform hands it to the stream. */
  async learn(given: GivenFeedback): Promise<void> {
    await this.#alerts.pass(feedbackBatch(given, true), given.reportedMs);
  }

  /** What could not be processed: anything but 0 says that the scenario is wrong. */
  deadLetters(): number {
    const all = [this.#telemetry, this.#presence, this.#detect, this.#alerts];
    return all.reduce((sum, one) => sum + one.deadLetters(), 0);
  }

  *#alertsOf(batch: Buffer): Generator<StreamedAlert> {
    this.#cursor.reset(batch);
    while (this.#cursor.next()) {
      const value = Buffer.from(this.#cursor.value() ?? []).toString('utf8');
      yield streamedAlertSchema.parse(JSON.parse(value));
    }
  }
}

function bookOf(windows: readonly MaintenanceWindow[]): WindowBook {
  const kept = windows.map((window): KeptWindow => {
    return { ...window, version: 1, changedAtMs: null, changedBy: null };
  });
  const byId = new Map(kept.map((window) => [window.windowId, window]));
  const set = { of: () => byId };
  return { current: () => Promise.resolve(set) };
}
