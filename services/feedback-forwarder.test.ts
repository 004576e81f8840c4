import { afterEach, expect, it } from 'vitest';

import { topics } from '../contracts/topics.ts';
import type { Principal } from '../contracts/tenant.ts';
import { alertTimeMs, streamedAlert } from '../stores/alert.fixture.ts';
import { createAlertRegistry } from '../stores/alert-registry.ts';
import { createEmbeddedDocuments } from '../stores/embedded/documents.ts';
import { announceStep } from '../stores/waiting-feedback.ts';
import { createManualClock } from '../streams/clock.ts';
import { RecordCursor } from '../streams/record-cursor.ts';
import { forwardFeedback } from './feedback-forwarder.ts';

const technician: Principal = { tenantId: 'acme', tokenId: 'token-1', role: 'technician' };
const stack: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of stack.splice(0)) await one[Symbol.asyncDispose]();
});

async function open() {
  const clock = createManualClock(alertTimeMs + 3_600_000);
  const documents = createEmbeddedDocuments({ path: ':memory:' });
  stack.push(documents);
  const alerts = createAlertRegistry({ documents, clock });
  await alerts.save([streamedAlert(1, { state: 'OK', circumstance: 'at night' })]);
  const sent: { readonly partition: number; readonly value: unknown }[] = [];
  let failAt = Number.POSITIVE_INFINITY;
  const log = {
    partitionCount: () => 2,
    append: (topic: string, partition: number, batch: Buffer) => {
      expect(topic).toBe(topics.signals);
      if (partition >= failAt) return Promise.reject(new Error('away'));
      const cursor = new RecordCursor();
      cursor.reset(batch);
      while (cursor.next())
        sent.push({ partition, value: JSON.parse(Buffer.from(cursor.value() ?? []).toString('utf8')) });
      return Promise.resolve(0);
    },
  };
  const forward = () => forwardFeedback({ documents, alerts, log, clock });
  return { clock, documents, alerts, sent, forward, fail: (from: number) => (failAt = from) };
}

it('hands a verdict to every partition, once, as home to one of them', async () => {
  const { alerts, sent, forward } = await open();
  await alerts.act(technician, 'a1', { action: 'comment', text: 'hm' });
  await alerts.act(technician, 'a1', { action: 'feedback', verdict: 'noise' });
  await forward();
  await forward();
  expect(sent.map(({ partition }) => partition)).toEqual([0, 1]);
  const of = { alertId: 'a1', steps: 2, outcome: 'noise', circumstance: 'at night' };
  expect(sent.map(({ value }) => value)).toMatchObject([{ feedback: of }, { feedback: of }]);
  expect(sent.filter(({ value }) => (value as { home: boolean }).home)).toHaveLength(1);
});

it('hands it again where the log took a part of it', async () => {
  const { alerts, sent, forward, fail } = await open();
  await alerts.act(technician, 'a1', { action: 'feedback', verdict: 'useful' });
  fail(1);
  await expect(forward()).rejects.toThrow('away');
  fail(9);
  await forward();
  expect(sent.map(({ partition }) => partition)).toEqual([0, 0, 1]);
});

it('takes what was taken up and resolved for of use, and says when that is taken back', async () => {
  const { alerts, sent, forward } = await open();
  await alerts.act(technician, 'a1', { action: 'acknowledge' });
  await alerts.act(technician, 'a1', { action: 'resolve', whenClear: false });
  await forward();
  await alerts.act(technician, 'a1', { action: 'undo' });
  await forward();
  const outcomes = sent.map(({ value }) => (value as { feedback: { outcome: unknown } }).feedback.outcome);
  expect(outcomes).toEqual(['handled', 'handled', null, null]);
});

it('waits for a step that was announced, and gives up when it was never made', async () => {
  const { documents, clock, sent, forward } = await open();
  await announceStep(documents, technician, 'a1:000000', { action: 'undo' }, clock.nowMs());
  await forward();
  expect(await documents.count(technician, 'alert-feedback')).toBe(1);
  await clock.advance(61_000);
  await forward();
  expect([sent, await documents.count(technician, 'alert-feedback')]).toEqual([[], 0]);
});
