import { defaultRuleBook } from '../alerting/rules/default-rule-book.ts';
import { noWindows, type WindowBook } from '../alerting/window-book.ts';
import { noParents, type ParentBook } from '../alerting/parent-book.ts';
import type { RuleBook } from '../alerting/rule-book.ts';
import type { KeptRule, ThresholdRule } from '../contracts/alert-rule.ts';
import { type StreamedAlert, streamedAlertSchema } from '../contracts/alert.ts';
import { headers } from '../contracts/topics.ts';
import { createTestDriver, type PipedRecord, type TestDriver } from '../streams/test-driver.ts';
import { alerts } from './alerts.ts';
import { detect } from './detect.ts';

export const startMs = 1_760_000_000_000;
const minuteMs = 60_000;

export interface Told {
  readonly afterMs: number;
  readonly eventType?: string;
  readonly severity?: string;
  readonly deviceId?: string;
  readonly organizationId?: string;
  readonly summary?: string;
  readonly tenantId?: string;
  readonly data?: unknown;
  readonly toolType?: string;
  readonly sourceType?: string;
}

/** As the telemetry topology writes it, its members in their order. */
export function enriched(told: Told): PipedRecord {
  const { afterMs, eventType = 'DISK_FULL', severity = 'ERROR', deviceId = 'd1' } = told;
  const {
    summary = 'disk 1 is full',
    tenantId = 'acme',
    organizationId,
    data = { severity: 'CRITICAL' },
  } = told;
  const eventTime = startMs + afterMs;
  return {
    key: `${tenantId}:/agents/${deviceId}`,
    eventTimeMs: eventTime,
    headers: { [headers.tenant]: tenantId, [headers.ingestTime]: String(eventTime) },
    value: {
      eventId: '00000000-0000-5000-8000-000000000000',
      tenantId,
      source: `/agents/${deviceId}`,
      sourceId: '1',
      toolType: told.toolType ?? 'OPENFRAME',
      sourceType: told.sourceType ?? 'openframe.log',
      eventType,
      severity,
      deviceId,
      organizationId,
      summary,
      eventTime,
      ingestTime: eventTime,
      data,
    },
  };
}

/** A measurement of a device. */
export function measured(afterMs: number, value: number, told: Partial<Told> = {}): Told {
  const samples = [{ name: 'system.filesystem.utilization', value, unit: '1', labels: { mountpoint: '/' } }];
  return { afterMs, eventType: 'SYSTEM_MONITORING', severity: 'INFO', data: { samples }, ...told };
}

/** Both topologies behind each other, in one partition each. */
export class AlertPipeline implements AsyncDisposable {
  readonly detect: TestDriver;
  readonly alerts: TestDriver;
  #passed = 0;

  constructor(
    rules: RuleBook = defaultRuleBook,
    windows: WindowBook = noWindows,
    parents: ParentBook = noParents,
  ) {
    this.detect = createTestDriver(detect(rules), { startMs });
    this.alerts = createTestDriver(alerts(windows, parents), { startMs });
  }

  async tell(told: readonly Told[]): Promise<void> {
    await this.detect.pipe(told.map(enriched));
    await this.#pass();
  }

  /** Lets time pass without events. */
  async wait(ms: number): Promise<void> {
    await this.detect.advanceTime(ms);
    await this.#pass();
  }

  /** Every state of every alert, in order. */
  told(): readonly StreamedAlert[] {
    return this.alerts.outputs().map(({ json }) => streamedAlertSchema.parse(json));
  }

  /** The last state of each alert, oldest first. */
  latest(): readonly StreamedAlert[] {
    const byId = new Map<string, StreamedAlert>();
    for (const { key, json } of this.alerts.outputs()) byId.set(key, streamedAlertSchema.parse(json));
    return [...byId.values()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.detect[Symbol.asyncDispose]();
    await this.alerts[Symbol.asyncDispose]();
  }

  async #pass(): Promise<void> {
    const signals = this.detect.outputs().slice(this.#passed);
    this.#passed += signals.length;
    if (signals.length === 0) return;
    await this.alerts.pipe(
      signals.map(({ key, json, eventTimeMs, headers: passed }) => {
        return { key, value: json, eventTimeMs, headers: passed };
      }),
    );
  }
}

export const kept = {
  version: 1,
  origin: 'tenant',
  changedAtMs: null,
  changedBy: null,
  enabled: true,
} as const;
export const disk: KeptRule & { readonly detect: ThresholdRule } = {
  ...kept,
  ruleId: 'disk',
  title: 'Disk is full',
  severity: 'ERROR',
  detect: {
    kind: 'threshold',
    metric: 'system.filesystem.utilization',
    above: 0.9,
    margin: 0.1,
    forMs: minuteMs,
  },
};
export const silent: KeptRule = {
  ...kept,
  ruleId: 'silent',
  title: 'Silent',
  severity: 'ERROR',
  detect: { kind: 'absence', everyMs: minuteMs, lateMs: minuteMs, noDataMs: 4 * minuteMs },
};

/** Rules that a test changes on the way. */
export class Rules implements RuleBook {
  #set: { rulesOf(tenantId: string): readonly KeptRule[] };

  constructor(...rules: readonly KeptRule[]) {
    this.#set = { rulesOf: () => rules };
  }

  become(...rules: readonly KeptRule[]): void {
    this.#set = { rulesOf: () => rules };
  }

  current() {
    return Promise.resolve(this.#set);
  }
}

export function alive(afterMs: number, told: Partial<Told> = {}): Told {
  return { afterMs, eventType: 'DEVICE_HEARTBEAT', severity: 'INFO', data: {}, ...told };
}
