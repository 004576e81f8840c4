import { describe, expect, it } from 'vitest';

import { Fleet } from './fleet.ts';
import { Ledger, type StoredRow } from './ledger.ts';

async function* pages(...rows: readonly StoredRow[]): AsyncGenerator<readonly StoredRow[]> {
  yield await Promise.resolve(rows.slice(0, 1));
  yield rows.slice(1);
}

describe('the ledger of a fault run', () => {
  const fleet = new Fleet({ seed: 1, tenants: 2, devices: 2 });
  const events = fleet.devices.flatMap((device) => [fleet.next(device, 0), fleet.next(device, 1000)]);
  const ledger = new Ledger();
  for (const event of events) ledger.sent(event);
  for (const event of events.slice(0, 3)) ledger.accepted(event);
  const rows = events.map((e) => ({ tenantId: e.device.tenantId, eventId: e.eventId, hash: e.hash }));
  const [first, second, third, unacknowledged] = rows;
  if (!first || !second || !third || !unacknowledged) throw new Error('four events');

  it('finds nothing wrong with a store that holds what was accepted', async () => {
    expect(await ledger.compare(pages(first, second, third))).toMatchObject({
      accepted: 3,
      rows: 3,
      lost: 0,
      duplicated: 0,
      altered: 0,
      foreign: 0,
    });
  });

  it('allows an event that was sent and whose answer was lost', async () => {
    expect(await ledger.compare(pages(first, second, third, unacknowledged))).toMatchObject({
      rows: 4,
      lost: 0,
      foreign: 0,
    });
  });

  it('finds what is lost, doubled, altered, of another tenant or unknown', async () => {
    const verdict = await ledger.compare(
      pages(
        first,
        first,
        { ...second, hash: third.hash },
        { ...unacknowledged, tenantId: 'other' },
        { ...third, eventId: '00000000-0000-5000-8000-000000000000' },
      ),
    );
    expect(verdict).toMatchObject({ accepted: 3, rows: 5, lost: 1, duplicated: 1, altered: 2, foreign: 1 });
    expect(verdict.examples).toContain(`lost ${third.eventId}`);
  });
});
