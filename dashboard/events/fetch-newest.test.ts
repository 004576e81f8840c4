import { describe, expect, it } from 'vitest';

import { createApi } from '../api/client.ts';
import { fetchNewest } from './fetch-newest.ts';

function recordingApi(eventTypes: readonly string[]) {
  const asked: string[] = [];
  const api = createApi((url) => {
    if (typeof url !== 'string') throw new Error('The API is called by its path.');
    asked.push(url);
    const facets = { eventType: eventTypes.map((value) => ({ value })) };
    const body = url.includes('/facets') ? { facets } : { items: [{ eventId: 'e1' }] };
    return Promise.resolve(new Response(JSON.stringify(body)));
  });
  return { api, asked };
}

const signal = new AbortController().signal;

describe('fetchNewest', () => {
  it('asks for all types but the routine ones', async () => {
    const { api, asked } = recordingApi(['SYSTEM_MONITORING', 'SYSTEM_STATUS', 'acme.custom']);
    expect(await fetchNewest(api, { routine: false, search: 'disk' }, 5, signal)).toHaveLength(1);
    expect(asked[1]).toBe('/api/v1/events?search=disk&limit=5&eventTypes=SYSTEM_STATUS%2Cacme.custom');
  });

  it('is empty where there is only routine', async () => {
    const { api, asked } = recordingApi(['SYSTEM_MONITORING', 'DEVICE_HEARTBEAT']);
    expect(await fetchNewest(api, { routine: false }, 5, signal)).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  it('asks for everything where routine is wanted', async () => {
    const { api, asked } = recordingApi([]);
    await fetchNewest(api, { routine: true, deviceId: 'd1' }, 5, signal);
    expect(asked).toEqual(['/api/v1/events?deviceId=d1&limit=5']);
  });
});
