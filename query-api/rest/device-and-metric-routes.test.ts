import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fixtureTimeMs } from '../../tests/query-api/enriched-events.ts';
import { openPopulatedRest, type PopulatedRest } from '../../tests/query-api/populated-rest.ts';
import { fixturePipeline } from '../../tests/query-api/rest-app.ts';

const minuteMs = 60_000;

let rest: PopulatedRest;

beforeAll(async () => {
  rest = await openPopulatedRest();
});

afterAll(() => rest[Symbol.asyncDispose]());

describe('measurements', () => {
  it('are series of points by device and labels', async () => {
    expect(await rest.answer('/metrics/series?name=system.cpu.utilization&bucket=2m')).toMatchObject({
      series: [
        {
          deviceId: 'd1',
          labels: { cpu: '0' },
          points: [
            [fixtureTimeMs, 0.5],
            [fixtureTimeMs + 2 * minuteMs, 0.5],
          ],
        },
      ],
    });
  });

  it.each([
    ['max', 0.75],
    ['min', 0.25],
    ['count', 2],
    ['sum', 1],
  ])('are summed up by %s', async (agg, value) => {
    const query = `name=system.cpu.utilization&deviceId=d1&bucket=2m&agg=${agg}&to=2026-01-31T08:02:00Z`;
    expect(await rest.answer(`/metrics/series?${query}`)).toMatchObject({
      series: [{ points: [[fixtureTimeMs, value]] }],
    });
  });

  it('are of several devices at once, named in one way', async () => {
    const query = '/metrics/series?name=system.cpu.utilization&bucket=2m';
    expect(await rest.answer(`${query}&deviceIds=d1,d2`)).toMatchObject({ series: [{ deviceId: 'd1' }] });
    expect(await rest.answer(`${query}&deviceIds=d2`)).toMatchObject({ series: [] });
    const { details } = await rest.problem(`${query}&deviceIds=d1&deviceId=d2`);
    expect(details?.field).toBe('deviceIds');
  });

  it('need a name', async () => {
    const { details, detail } = await rest.problem('/metrics/series');
    expect(details?.field).toBe('name');
    expect(detail).toContain('"name" is missing');
  });
});

describe('devices', () => {
  it('are listed by id, in pages', async () => {
    const first = await rest.devices('/devices?limit=2');
    expect(first.items.map((device) => device.deviceId)).toEqual(['d/3 <b>', 'd1']);
    const second = await rest.devices(`/devices?limit=2&cursor=${first.nextCursor}`);
    expect(second.items.map((device) => device.deviceId)).toEqual(['d2']);
    expect(second.nextCursor).toBeNull();
  });

  it.each([
    ['status=ONLINE', ['d1']],
    ['organizationId=org-1', ['d1']],
    ['search=SRV', ['d1']],
    ['search=hive', []],
  ])('are filtered by %s', async (query, ids) => {
    const page = await rest.devices(`/devices?${query}`);
    expect(page.items.map((device) => device.deviceId)).toEqual(ids);
  });

  it('are found by an id of any characters', async () => {
    expect(await rest.answer(`/devices/${encodeURIComponent('d/3 <b>')}`)).toMatchObject({
      deviceId: 'd/3 <b>',
      status: 'OFFLINE',
    });
    expect(await rest.problem('/devices/none')).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('are counted', async () => {
    expect(await rest.answer('/devices/facets')).toMatchObject({
      facets: {
        status: [
          { value: 'OFFLINE', count: 2 },
          { value: 'ONLINE', count: 1 },
        ],
      },
    });
  });
});

describe('pipelines', () => {
  it.each(['technician', 'analyst', 'operator', 'admin'])('are shown to a %s', async (role) => {
    expect(await rest.answer('/pipelines', `acme.${role}`)).toEqual({
      items: [fixturePipeline],
      nextCursor: null,
    });
  });
});
