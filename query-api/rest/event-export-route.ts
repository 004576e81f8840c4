import { Readable } from 'node:stream';
import { z } from 'zod';

import type { StoredEvent } from '../../contracts/event.ts';
import type { Analytics } from '../../sinks/analytics.ts';
import { inPieces } from '../live/in-pieces.ts';
import { csvHeader, csvOfEvents } from './event-csv.ts';
import { eventFilterShape, toEventFilter } from './event-filter-query.ts';
import { createExportPlaces } from './export-places.ts';
import { sortParameter } from './event-routes.ts';
import { choiceParameter } from './parameters.ts';
import { goneSignal } from './gone-signal.ts';
import { noParameters, readRoute, type RestRoute } from './route.ts';

const formats = ['csv', 'ndjson'] as const;
type Format = (typeof formats)[number];
const mediaTypes: Readonly<Record<Format, string>> = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
};

export function createEventExportRoute(deps: {
  readonly analytics: Analytics;
  readonly stopped: AbortSignal;
}): RestRoute {
  const takePlace = createExportPlaces();
  return readRoute({
    params: noParameters,
    path: '/events/export',
    operationId: 'exportEvents',
    summary: 'Every matching event, as a file',
    tag: 'events',
    description: 'The whole result as it is found. A connection that ends before its last chunk had a fault.',
    streams: true,
    query: z.strictObject({
      ...eventFilterShape,
      sort: sortParameter,
      format: choiceParameter(
        'The file, where the header Accept does not say it; ndjson otherwise.',
        formats,
      ).optional(),
    }),
    content: { [mediaTypes.csv]: null, [mediaTypes.ndjson]: null },
    async handle({ principal, query: { sort, format, ...filterQuery }, request, reply }) {
      const filter = toEventFilter(filterQuery);
      const chosen = format ?? formatOf(request.headers.accept);
      const gone = goneSignal(reply);
      const leavePlace = takePlace(principal);
      // A connection that is gone has closed its answer before.
      if (gone.aborted) leavePlace();
      else gone.addEventListener('abort', leavePlace, { once: true });
      const signal = AbortSignal.any([gone, deps.stopped]);
      const pages = deps.analytics.exportEvents(principal, filter, sort, signal)[Symbol.asyncIterator]();
      // Lets the store let go, also where not a byte was read yet.
      const letGo = (): void => {
        pages.return?.().catch(() => undefined);
      };
      signal.addEventListener('abort', letGo, { once: true });
      // A fault of the first page is still answered as a problem: nothing was sent yet.
      const first = await pages.next();
      void reply
        .type(`${mediaTypes[chosen]}; charset=utf-8`)
        .header('content-disposition', `attachment; filename="events.${chosen}"`);
      return Readable.from(fileOf(first, pages, chosen));
    },
  });
}

function formatOf(accept: string | undefined): Format {
  const asked = accept?.toLowerCase() ?? '';
  return asked.includes(mediaTypes.csv) && !asked.includes(mediaTypes.ndjson) ? 'csv' : 'ndjson';
}

async function* fileOf(
  first: IteratorResult<readonly StoredEvent[]>,
  pages: AsyncIterator<readonly StoredEvent[]>,
  format: Format,
): AsyncIterable<string> {
  if (format === 'csv') yield csvHeader();
  for (let page = first; page.done !== true; page = await pages.next()) {
    if (page.value.length === 0) continue;
    if (format === 'csv') yield csvOfEvents(page.value);
    else yield* inPieces(page.value.values().map((event) => `${JSON.stringify(event)}\n`));
  }
}
