import { describe, expect, it } from 'vitest';

import { createEmbeddedLog } from '../brokers/embedded/log.ts';
import type { AlertRule } from '../contracts/alert-rule.ts';
import type { Alert } from '../contracts/alert.ts';
import { topics } from '../contracts/topics.ts';
import { defaultRules } from '../alerting/rules/default-rules.ts';
import { streamedAlert } from '../stores/alert.fixture.ts';
import { createManualClock } from '../streams/clock.ts';
import { RecordBatchBuilder } from '../streams/record-batch.ts';
import { enriched, measured, startMs, type Told } from './alert-pipeline.fixture.ts';
import { tryRule } from './try-rule.ts';

const minuteMs = 60_000;
const scope = { tenantId: 'acme' };
const disk: AlertRule = {
  ruleId: 'disk-nearly-full',
  title: 'Disk',
  severity: 'ERROR',
  enabled: true,
  detect: {
    kind: 'threshold',
    metric: 'system.filesystem.utilization',
    above: 0.7,
    margin: 0,
    forMs: minuteMs,
  },
};

function batchOf(told: readonly Told[]): Buffer {
  const builder = new RecordBatchBuilder(4096);
  for (const { key, value, eventTimeMs, headers = {} } of told.map(enriched)) {
    builder.appendRecord({ key, value: JSON.stringify(value), timestampMs: eventTimeMs, headers });
  }
  return builder.finish({ compress: true });
}

/** Two partitions: devices at 80 % and 97 % for half an hour, and another tenant's. */
async function storedStream(stack: AsyncDisposableStack) {
  const clock = createManualClock(startMs + 60 * minuteMs);
  const log = stack.use(await createEmbeddedLog({ path: ':memory:', clock }));
  const kept = { cleanup: 'delete', retentionMs: 0, retentionBytes: 0 } as const;
  await log.declareTopics([{ name: topics.enriched, partitions: 2, ...kept }]);
  for (let minute = 0; minute < 30; minute++) {
    const at = minute * minuteMs;
    const transaction = log.begin();
    transaction.append(
      topics.enriched,
      0,
      batchOf([measured(at, 0.8), measured(at, 0.97, { tenantId: 'umbrella' })]),
    );
    transaction.append(topics.enriched, 1, batchOf([measured(at + 1, 0.97, { deviceId: 'd2' })]));
    await transaction.commit([]);
  }
  return { log, clock };
}

function deps(stored: Awaited<ReturnType<typeof storedStream>>, useful: readonly Alert[] = []) {
  const rules = { list: () => Promise.resolve(defaultRules) };
  return { ...stored, rules, useful: () => Promise.resolve(useful) };
}

describe('what a rule would have done', () => {
  it('is the alerts that come and those that go, of this tenant alone', async () => {
    await using stack = new AsyncDisposableStack();
    const trial = await tryRule(deps(await storedStream(stack)), scope, disk, 24);
    expect(trial).toMatchObject({ events: 90, alertsBefore: 1, alertsAfter: 1 });
    expect(trial.gained.map(({ title, hosts }) => [title, hosts])).toEqual([
      ['d1: Disk: 0.8 is over 0.7', 2],
    ]);
    expect(trial.lost.map(({ title }) => title)).toEqual([
      'd2: A file system is nearly full: 0.97 is over 0.95',
    ]);
  });

  it('is the alerts that go, with those that somebody called useful', async () => {
    await using stack = new AsyncDisposableStack();
    const stored = await storedStream(stack);
    const { firstEventTimeMs, lastEventTimeMs } = {
      firstEventTimeMs: startMs,
      lastEventTimeMs: startMs + 30 * minuteMs,
    };
    const fingerprint = {
      ruleId: 'disk-nearly-full',
      version: 1,
      fields: { name: 'rule disk-nearly-full: mountpoint=/', host: 'd2' },
    };
    const life = { status: 'OPEN', assignee: null, snoozedUntilMs: null, resolveWhenClear: false } as const;
    const useful: Alert = {
      ...streamedAlert(1, { firstEventTimeMs, lastEventTimeMs, fingerprint, title: 'kept' }),
      ...{ ...life, verdict: 'useful', steps: [] },
    };
    const trial = await tryRule(deps(stored, [useful]), scope, { ...disk, enabled: false }, 24);
    expect(trial.lost.map(({ title }) => title)).toEqual([
      'd2: A file system is nearly full: 0.97 is over 0.95',
    ]);
    expect(trial.missed).toEqual([{ alertId: 'a1', title: 'kept' }]);
    expect(trial.alertsAfter).toBe(0);
  });

  it('says so where the log holds nothing of that time', async () => {
    await using stack = new AsyncDisposableStack();
    const stored = await storedStream(stack);
    await stored.clock.advance(100 * 60 * minuteMs);
    expect(await tryRule(deps(stored), scope, disk, 1)).toMatchObject({
      events: 0,
      fromMs: null,
      gained: [],
    });
  });

  it('is refused where a condition is no CEL', async () => {
    await using stack = new AsyncDisposableStack();
    const detect: AlertRule['detect'] = {
      kind: 'rate',
      eventTypes: ['LOGIN'],
      when: 'ok ==',
      count: 2,
      withinMs: 1,
    };
    const trial = tryRule(deps(await storedStream(stack)), scope, { ...disk, detect }, 24);
    await expect(trial).rejects.toThrow('is no CEL');
  });
});
