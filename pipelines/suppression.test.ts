import { describe, expect, it } from 'vitest';

import { hiddenByWindow } from '../stores/alert.fixture.ts';
import { isReviewed } from '../alerting/suppression/suppressor.ts';
import type { WindowBook } from '../alerting/window-book.ts';
import { createAlertCell } from '../alerting/grouping/alert-cell.fixture.ts';
import type { KeptWindow } from '../contracts/maintenance-window.ts';
import { AlertPipeline, alive, disk, measured, Rules, silent, startMs } from './alert-pipeline.fixture.ts';

const minuteMs = 60_000;

/** From the fifth minute to the thirtieth, of device d1. */
function window(changes: Partial<KeptWindow> = {}): KeptWindow {
  return {
    windowId: 'patch',
    title: 'Patches',
    start: new Date(startMs + 5 * minuteMs).toISOString().slice(0, 19),
    timeZone: 'UTC',
    durationMs: 25 * minuteMs,
    deviceIds: ['d1'],
    version: 2,
    changedAtMs: null,
    changedBy: null,
    ...changes,
  };
}

function book(...windows: readonly KeptWindow[]): WindowBook {
  const byId = new Map(windows.map((one) => [one.windowId, one]));
  return { current: () => Promise.resolve({ of: () => byId }) };
}

async function pass(pipeline: AlertPipeline, minutes: number): Promise<void> {
  for (let waited = 0; waited < minutes * minuteMs; waited += 10_000) await pipeline.wait(10_000);
}

/** Every state of `hidden` that went out, in order, without repeats. */
function shown(pipeline: AlertPipeline, deviceId: string): readonly boolean[] {
  const states = pipeline.told().filter((alert) => alert.deviceId === deviceId);
  return states.map(({ hidden }) => hidden).filter((hidden, i, all) => i === 0 || hidden !== all[i - 1]);
}

describe('a maintenance window', () => {
  it('hides what comes within it, with a receipt, and shows nothing of what was over before its end', async () => {
    await using pipeline = new AlertPipeline(new Rules(silent), book(window()));
    await pipeline.tell([alive(0), alive(4 * minuteMs)]);
    await pass(pipeline, 10);
    expect(pipeline.latest()).toMatchObject([{ state: 'NO_DATA', hidden: true }]);
    await pipeline.tell([alive(15 * minuteMs), alive(15 * minuteMs + 3_000)]);
    await pipeline.tell([alive(15 * minuteMs + 6_000)]);
    for (let minute = 16; minute < 40; minute++) await pipeline.tell([alive(minute * minuteMs)]);
    expect(shown(pipeline, 'd1')).toEqual([true, false]);
    expect(pipeline.latest()).toMatchObject([{ state: 'OK' }]);
    const [receipt, ...others] = pipeline.latest()[0]?.suppressions ?? [];
    expect(others).toEqual([]);
    expect(receipt).toMatchObject({ by: 'window', windowId: 'patch', windowVersion: 2, policyVersion: 3 });
    expect(receipt?.toMs).toBeGreaterThan(receipt?.fromMs ?? Infinity);
    expect(receipt?.ended, 'it came back within the window').toBe('over');
  });

  it('shows at its end what still goes on: a server that did not come back', async () => {
    await using pipeline = new AlertPipeline(new Rules(silent), book(window()));
    await pipeline.tell([alive(0), alive(4 * minuteMs)]);
    await pass(pipeline, 20);
    await pipeline.alerts.restart();
    await pass(pipeline, 4);
    expect(shown(pipeline, 'd1')).toEqual([true]);
    await pass(pipeline, 3);
    expect(shown(pipeline, 'd1')).toEqual([true, false]);
    expect(pipeline.latest()).toMatchObject([
      { state: 'NO_DATA', hidden: false, suppressions: [{ by: 'window', ended: 'goes-on' }] },
    ]);
  });

  it('hides no trouble that spreads to devices outside it, though it began within it', async () => {
    await using pipeline = new AlertPipeline(new Rules(silent), book(window()));
    const site = Array.from({ length: 20 }, (_, i) => alive(4 * minuteMs + 5_000, { deviceId: `site-${i}` }));
    await pipeline.tell([alive(0), alive(4 * minuteMs), ...site]);
    await pass(pipeline, 8);
    expect(pipeline.latest()).toMatchObject([
      { deviceId: 'd1', hosts: 21, hidden: false, suppressions: [{ by: 'window', ended: 'reported' }] },
    ]);
  });

  it('hides trouble on many devices that it covers', async () => {
    const { deviceIds: _one, ...all } = window();
    await using pipeline = new AlertPipeline(new Rules(silent), book(all));
    const site = Array.from({ length: 20 }, (_, i) => alive(4 * minuteMs + 5_000, { deviceId: `site-${i}` }));
    await pipeline.tell([alive(0), alive(4 * minuteMs), ...site]);
    await pass(pipeline, 8);
    expect(pipeline.latest()).toMatchObject([{ hosts: 21, hidden: true }]);
  });

  it('hides nothing of other devices, and nothing that was shown before it began', async () => {
    await using pipeline = new AlertPipeline(new Rules(disk), book(window()));
    await pipeline.tell([measured(0, 0.95), measured(minuteMs, 0.95)]);
    const other = { deviceId: 'd2' };
    await pipeline.tell([measured(6 * minuteMs, 0.95, other), measured(8 * minuteMs, 0.95, other)]);
    expect(shown(pipeline, 'd1')).toEqual([false]);
    expect(shown(pipeline, 'd2')).toEqual([false]);
  });

  it('shows what is reported again after it, not what was reported within it alone', async () => {
    await using pipeline = new AlertPipeline(new Rules(), book(window()));
    await pipeline.tell([{ afterMs: 6 * minuteMs }, { afterMs: 7 * minuteMs, summary: 'once' }]);
    await pass(pipeline, 30);
    expect(pipeline.latest().map(({ hidden }) => hidden)).toEqual([true, true]);
    await pipeline.tell([{ afterMs: 6 * minuteMs + 1 }]);
    expect(pipeline.latest().map(({ hidden }) => hidden)).toEqual([true, true]);
  });
});

describe('a device without signs of life', () => {
  it('keeps what others say of it out of sight, under the alert that says so', async () => {
    await using pipeline = new AlertPipeline(new Rules(silent));
    await pipeline.tell([alive(0)]);
    await pass(pipeline, 8);
    await pipeline.tell([
      { afterMs: 9 * minuteMs, summary: 'the agent is overdue', toolType: 'TACTICAL_RMM' },
    ]);
    const [silence, child] = pipeline.latest();
    expect(silence).toMatchObject({ state: 'NO_DATA', hidden: false });
    expect(child).toMatchObject({
      hidden: true,
      suppressions: [{ by: 'parent', parentAlertId: silence?.alertId }],
    });
  });
});

describe('what flaps', () => {
  it('is one alert from the third time on, until it has been calm', async () => {
    await using pipeline = new AlertPipeline(new Rules({ ...disk, detect: { ...disk.detect, forMs: 0 } }));
    for (let minute = 0; minute < 30; minute++) {
      await pipeline.tell([
        measured(minute * minuteMs, minute % 2 === 0 ? 0.95 : 0.1),
        alive(minute * minuteMs + 30_000),
      ]);
    }
    const found = pipeline.latest();
    expect(found.map(({ state, flaps, count }) => [state, flaps > 2, count])).toEqual([
      ['OK', false, 1],
      ['OK', false, 1],
      ['FIRING', true, 13],
    ]);
    expect(new Set(found.map(({ incident }) => incident?.incidentId)).size, 'one matter').toBe(1);
    await pass(pipeline, 20);
    expect(pipeline.latest().map(({ state }) => state)).toEqual(['OK', 'OK', 'OK']);
  });
});

describe('review', () => {
  it('gets about one of a hundred hidden alerts, the same ones each time, and none that was shown', () => {
    const suppressions = [hiddenByWindow(1)];
    const cells = Array.from({ length: 20_000 }, (_, i) => createAlertCell(`alert-${i}`));
    const reviewed = cells.filter((cell) => isReviewed({ ...cell, suppressions }));
    expect(reviewed.length).toBeGreaterThan(150);
    expect(reviewed.length).toBeLessThan(250);
    expect(cells.some((cell) => isReviewed(cell))).toBe(false);
  });
});

describe('a silence that is usual for its device', () => {
  const hourMs = 60 * minuteMs;
  const stepHours = 1 / 6;

  /** A server that always reports and laptops that do when they are open, by the hour; they are named by `isOpen`. */
  async function live(pipeline: AlertPipeline, hours: number, isOpen: (hour: number) => readonly string[]) {
    for (let hour = 0; hour < hours; hour += stepHours) {
      const afterMs = Math.round(hour * hourMs);
      await pipeline.tell(['server', ...isOpen(hour)].map((deviceId) => alive(afterMs, { deviceId })));
    }
  }
  const byDay = (hour: number): boolean => hour % 24 < 10;

  it('pages for the first evenings and then no more, with a receipt that says until when', async () => {
    await using pipeline = new AlertPipeline(new Rules(silent));
    await live(pipeline, 6 * 24, (hour) => (byDay(hour) ? ['d1'] : []));
    const evenings = pipeline.latest().filter(({ deviceId }) => deviceId === 'd1');
    expect(evenings.map(({ suppressions }) => suppressions.at(-1)?.by ?? 'shown')).toEqual([
      ...['shown', 'shown', 'shown'],
      ...['habit', 'habit', 'habit'],
    ]);
    const [receipt] = evenings[4]?.suppressions ?? [];
    expect(receipt).toMatchObject({ ended: 'over' });
    expect((receipt?.usualUntilMs ?? 0) - (receipt?.fromMs ?? 0)).toBe(72 * hourMs);
  });

  it('is shown when it goes on for longer than is usual', async () => {
    await using pipeline = new AlertPipeline(new Rules(silent));
    await live(pipeline, 8 * 24, (hour) => (hour < 4 * 24 && byDay(hour) ? ['d1'] : []));
    const last = pipeline.latest().findLast(({ deviceId }) => deviceId === 'd1');
    expect(last).toMatchObject({
      ...{ state: 'NO_DATA', hidden: false },
      suppressions: [{ by: 'habit', ended: 'goes-on' }],
    });
  });

  it('hides no outage of a site: many devices fall silent at once', async () => {
    await using pipeline = new AlertPipeline(new Rules(silent));
    const ids = ['d1', 'd2', 'd3', 'd4', 'd5'];
    await live(pipeline, 4 * 24 + 6, (hour) =>
      hour < 4 * 24 + 2 ? ids.filter((_, i) => hour % 24 < 5 + i) : [],
    );
    expect(pipeline.latest().at(-1)).toMatchObject({
      ...{ hosts: 5, hidden: false },
      suppressions: [{ by: 'habit', ended: 'reported' }],
    });
  });
});
