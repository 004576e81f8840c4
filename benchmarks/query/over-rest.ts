import { request } from 'undici';

import type { EventFilter } from '../../sinks/analytics.ts';
import { formatDuration } from '../../query-api/rest/parameters.ts';
import type { Asked } from './questions.ts';

/** Asks the query API at `url` as a program does: by a token, one request a question. Throws for any answer but 200. */
export function askingOverRest(url: string, token: string): Asked {
  const ask = async (path: string, parameters: Readonly<Record<string, string>>): Promise<string> => {
    const address = `${url}/api/v1${path}?${new URLSearchParams(parameters).toString()}`;
    const { statusCode, body } = await request(address, { headers: { authorization: `Bearer ${token}` } });
    const text = await body.text();
    if (statusCode === 200 || (statusCode === 404 && path.startsWith('/events/'))) return text;
    throw new Error(`${address} answers ${statusCode}: ${text.slice(0, 500)}`);
  };
  return {
    stats: (_scope, { filter, bucketMs, groupBy, top }) =>
      ask('/events/stats', {
        ...parametersOf(filter),
        bucket: formatDuration(bucketMs),
        top: String(top),
        ...(groupBy === undefined ? {} : { groupBy }),
      }),
    facets: (_scope, filter, limit) =>
      ask('/events/facets', { ...parametersOf(filter), limit: String(limit) }),
    events: (_scope, { filter, limit, sort }) =>
      ask('/events', { ...parametersOf(filter), limit: String(limit), sort }),
    event: (_scope, eventId) => ask(`/events/${eventId}`, {}),
  };
}

/** Of the conditions that the questions use. */
function parametersOf({ fromMs, toMs, severities }: EventFilter): Record<string, string> {
  return {
    ...(fromMs === undefined ? {} : { from: new Date(fromMs).toISOString() }),
    ...(toMs === undefined ? {} : { to: new Date(toMs).toISOString() }),
    ...(severities === undefined ? {} : { severities: severities.join(',') }),
  };
}
