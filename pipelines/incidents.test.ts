import { describe, expect, it } from 'vitest';

import { AlertPipeline, Rules, type Told } from './alert-pipeline.fixture.ts';

const minuteMs = 60_000;
const nothing = new Rules();

function trouble(minute: number, deviceId: string, summary: string, told: Partial<Told> = {}): Told {
  return { afterMs: minute * minuteMs, deviceId, summary, organizationId: 'bakery', ...told };
}

async function incidents(...told: readonly Told[]) {
  await using pipeline = new AlertPipeline(nothing);
  for (const one of told) await pipeline.tell([one]);
  const ids: string[] = [];
  return pipeline.latest().map(({ incident }) => {
    const id = incident?.incidentId ?? '';
    if (!ids.includes(id)) ids.push(id);
    return [ids.indexOf(id), incident?.edge?.kind ?? null];
  });
}

describe('an incident', () => {
  it('has the alerts of one device that open shortly after each other, with what relates them', async () => {
    expect(
      await incidents(
        trouble(0, 'd1', 'disk fails'),
        trouble(10, 'd1', 'service fails'),
        trouble(12, 'd2', 'else'),
        trouble(40, 'd1', 'much later'),
      ),
    ).toEqual([
      [0, null],
      [0, 'same-device'],
      [1, null],
      [2, null],
    ]);
  });

  it('has the same trouble on devices of one organization, not of others', async () => {
    expect(
      await incidents(
        trouble(0, 'd1', 'update 7 failed'),
        trouble(5, 'd2', 'update 8 failed'),
        trouble(6, 'd3', 'update 8 failed', { organizationId: 'bank' }),
        trouble(10, 'd4', 'update 9 failed'),
      ),
    ).toEqual([
      [0, null],
      [0, 'same-trouble-in-organization'],
      [1, null],
      [0, 'same-trouble-in-organization'],
    ]);
  });

  it('is one for each organization that a trouble takes at the same time, however they alternate', async () => {
    await using pipeline = new AlertPipeline();
    const customers = ['bakery', 'bank', 'school'];
    await pipeline.tell(
      Array.from({ length: 12 }, (_, i) =>
        trouble(i * 3, `d${i}`, 'update 8 failed', { organizationId: customers[i % 3] ?? '' }),
      ),
    );
    const found = pipeline.latest();
    expect(found).toHaveLength(12);
    expect(new Set(found.map(({ incident }) => incident?.incidentId)).size).toBe(3);
  });

  it('is not joined by a device that names its trouble as another organization does', async () => {
    expect(
      await incidents(
        trouble(0, 'd1', 'backup failed'),
        trouble(3, 'evil', 'backup failed', { organizationId: 'evil' }),
        trouble(4, 'evil', '{"incidentId":"d1"} "organizationId":"bakery"', { organizationId: 'evil' }),
      ),
    ).toEqual([
      [0, null],
      [1, null],
      [1, 'same-device'],
    ]);
  });

  it('takes nothing once it is closed, and none that comes a day after it began', async () => {
    const hours = 25;
    const long = Array.from({ length: hours * 6 }, (_, i) => trouble(i * 10, 'd1', `word${'x'.repeat(i)}`));
    const found = await incidents(...long);
    expect(new Set(found.map(([number]) => number)).size).toBe(2);
    expect(found.filter(([, kind]) => kind === null).length).toBe(2);
  });
});
