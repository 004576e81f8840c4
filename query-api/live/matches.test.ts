import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { EventFilter } from '../../sinks/analytics.ts';
import { createMatcher, type FilteredEvent } from './matches.ts';

const event: FilteredEvent = {
  eventTime: 1000,
  eventType: 'DISK_FULL',
  toolType: 'OPENFRAME',
  severity: 'ERROR',
  organizationId: 'org-1',
  organizationName: 'Müller & Söhne',
  deviceId: 'd1',
  hostname: 'srv-01.example.com',
  summary: "Disk /dev/sda1 is 97% full; it's urgent",
};
const bare: FilteredEvent = {
  eventTime: 1000,
  eventType: 'X',
  toolType: 'OTLP',
  severity: 'INFO',
  summary: '',
};

const matches = (filter: EventFilter, of: FilteredEvent = event): boolean => createMatcher(filter)(of);

describe('matches', () => {
  it('takes everything where nothing is asked', () => {
    expect(matches({})).toBe(true);
    expect(matches({}, bare)).toBe(true);
  });

  it('includes from and excludes to', () => {
    expect(matches({ fromMs: 1000, toMs: 1001 })).toBe(true);
    expect(matches({ fromMs: 1001 })).toBe(false);
    expect(matches({ toMs: 1000 })).toBe(false);
  });

  it('takes lists as alternatives and conditions together', () => {
    expect(matches({ severities: ['INFO', 'ERROR'], eventTypes: ['DISK_FULL'] })).toBe(true);
    expect(matches({ severities: ['INFO', 'ERROR'], eventTypes: ['LOGIN'] })).toBe(false);
    expect(matches({ toolTypes: ['OTLP'] })).toBe(false);
    expect(matches({ organizationIds: ['org-1', 'org-2'] })).toBe(true);
  });

  it('does not take an unknown organization or device for any', () => {
    expect(matches({ organizationIds: ['org-1'] }, bare)).toBe(false);
    expect(matches({ deviceId: 'd1' }, bare)).toBe(false);
  });

  it.each([
    'disk',
    'DISK full',
    'ful',
    'srv',
    '01',
    'example',
    'müll',
    'MÜLLER',
    'söhne disk',
    '97%',
    '/dev',
    ' ',
    'sda1',
  ])('finds %j, by the starts of words in any case', (search) => {
    expect(matches({ search })).toBe(true);
  });

  it.each(['isk', 'disk empty', 'xample', 'org', '%', 'd.sk', 'full srv-02'])(
    'does not find %j',
    (search) => {
      expect(matches({ search })).toBe(false);
    },
  );

  it('takes every text as text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (search) => {
        expect(typeof matches({ search })).toBe('boolean');
        expect(createMatcher({ search })({ ...event, summary: search })).toBe(true);
      }),
    );
  });
});
