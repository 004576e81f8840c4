import { describe, expect, it } from 'vitest';

import type { ListedEvent } from '../api/answers.ts';
import { Newest } from './newest.ts';

function event(number: number): ListedEvent {
  return {
    eventId: `00000000-0000-5000-8000-${String(number).padStart(12, '0')}`,
    tenantId: 'acme',
    source: '/agents/d1',
    sourceId: String(number),
    toolType: 'OPENFRAME',
    sourceType: 'openframe.log',
    eventType: 'SYSTEM_LOG',
    severity: 'INFO',
    deviceId: 'd1',
    hostname: null,
    organizationId: null,
    organizationName: null,
    userId: null,
    summary: `event ${number}`,
    eventTime: new Date(Date.UTC(2026, 0, 31) + number * 1_000).toISOString(),
    ingestTime: new Date(Date.UTC(2026, 0, 31) + number * 1_000).toISOString(),
    data: null,
  };
}

function numbersOf(newest: Newest): number[] {
  return newest.rows().map(({ sourceId }) => Number(sourceId));
}

describe('Newest', () => {
  it('shows each event once, newest first, however it came', () => {
    const newest = new Newest(10);
    newest.add([event(3), event(1)], false);
    newest.add([event(2), event(3)], false);
    expect(numbersOf(newest)).toEqual([3, 2, 1]);
  });

  it('keeps no more than its capacity', () => {
    const newest = new Newest(2);
    newest.add([event(1), event(2), event(3)], false);
    expect(numbersOf(newest)).toEqual([3, 2]);
  });

  it('stands still while held and counts what waits', () => {
    const newest = new Newest(2);
    newest.add([event(1)], false);
    newest.add([event(2), event(3), event(4), event(4)], true);
    expect(numbersOf(newest)).toEqual([1]);
    expect(newest.waitingCount).toBe(3);
  });

  it('lets in the newest of what waited', () => {
    const newest = new Newest(2);
    newest.add([event(1)], false);
    newest.add([event(2), event(3), event(4)], true);
    newest.release();
    expect(numbersOf(newest)).toEqual([4, 3]);
    expect(newest.waitingCount).toBe(0);
  });

  it('knows an event no longer once it is pushed out, so that memory stays bounded', () => {
    const newest = new Newest(1);
    newest.add([event(1), event(2)], false);
    newest.add([event(1)], false);
    expect(numbersOf(newest)).toEqual([1]);
  });
});
