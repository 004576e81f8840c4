import { describe, expect, it } from 'vitest';

import { topics } from '../contracts/topics.ts';
import { AlertPipeline } from './alert-pipeline.fixture.ts';

describe('the way from events to alerts', () => {
  it('raises one alert for what is reported many times, numbers aside, with its exact count', async () => {
    await using pipeline = new AlertPipeline();
    const times = Array.from({ length: 500 }, (_, i) => ({
      afterMs: i * 100,
      summary: `disk 1 is full: ${i} bytes left`,
    }));
    await pipeline.tell(times.slice(0, 300));
    await pipeline.tell(times.slice(300));
    const [alert, ...others] = pipeline.latest();
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ count: 500, hosts: 1, severity: 'ERROR', deviceId: 'd1', state: 'FIRING' });
    expect(alert?.terms.reduce((sum, { points }) => sum + points, 0)).toBe(alert?.score);
    expect(pipeline.alerts.outputs().length, 'once a batch').toBe(2);
  });

  it('takes an event for trouble by its own severity, not by what its data says', async () => {
    await using pipeline = new AlertPipeline();
    await pipeline.tell([
      { afterMs: 0, severity: 'INFO' },
      { afterMs: 1, severity: 'DEBUG', summary: 'says "severity":"CRITICAL" in its text' },
      { afterMs: 2, severity: 'WARNING', summary: 'worn' },
    ]);
    expect(pipeline.latest().map(({ severity, title }) => [severity, title])).toEqual([['WARNING', 'worn']]);
  });

  it('keeps the highest severity and goes on counting after a restart, and after commits that failed', async () => {
    await using pipeline = new AlertPipeline();
    await pipeline.tell([{ afterMs: 0 }, { afterMs: 10 }]);
    await pipeline.alerts.restart();
    pipeline.alerts.failCommits(1, 'refused');
    await pipeline.tell([{ afterMs: 20, severity: 'CRITICAL' }]);
    pipeline.alerts.failCommits(1, 'lostAnswer');
    await pipeline.tell([{ afterMs: 30 }]);
    expect(pipeline.latest()).toMatchObject([{ count: 4, severity: 'CRITICAL' }]);
  });

  it('says that an alert ended when it was silent', async () => {
    await using pipeline = new AlertPipeline();
    await pipeline.tell([{ afterMs: 0 }]);
    await pipeline.tell([{ afterMs: 3 * 3_600_000, deviceId: 'd2', summary: 'other' }]);
    expect(pipeline.latest().map(({ state }) => state)).toEqual(['OK', 'FIRING']);
  });

  it('says so of hundreds that end at once in portions, of each of them once', async () => {
    await using pipeline = new AlertPipeline();
    const word = (i: number): string =>
      'abcdefghijklmnopqrstuvwxyz'.charAt(i % 26) + (i < 26 ? '' : word(Math.floor(i / 26)));
    await pipeline.tell(
      Array.from({ length: 600 }, (_, i) => ({ afterMs: i, deviceId: `d${i}`, summary: word(i) })),
    );
    const endedAfter = async (minutes: number): Promise<number> => {
      await pipeline.tell([{ afterMs: minutes * 60_000, tenantId: 'other', summary: 'later' }]);
      return pipeline.told().filter(({ tenantId, state }) => tenantId === 'acme' && state === 'OK').length;
    };
    const ended = [await endedAfter(62), await endedAfter(63), await endedAfter(64)];
    expect(ended).toEqual([500, 600, 600]);
  });

  it('keeps tenants apart, whatever their reports are called', async () => {
    await using pipeline = new AlertPipeline();
    await pipeline.tell([{ afterMs: 0 }, { afterMs: 1, tenantId: 'umbrella' }, { afterMs: 2 }]);
    const counts = pipeline.latest().map(({ tenantId, count }) => [tenantId, count]);
    expect(counts).toEqual([
      ['acme', 2],
      ['umbrella', 1],
    ]);
    const state = pipeline.alerts.changelog(topics.alertsState).map(({ key }) => key.split('/')[0]);
    expect(new Set(state)).toEqual(new Set(['acme', 'umbrella']));
  });
});
