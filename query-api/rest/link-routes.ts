import { createHash } from 'node:crypto';
import { z } from 'zod';

import { OpenFrameError } from '../../contracts/errors.ts';
import type { Principal } from '../../contracts/tenant.ts';
import type { Clock } from '../../streams/clock.ts';
import { textParameter } from './parameters.ts';
import { parseBody } from './parse-request.ts';
import { jsonType, noParameters, readRoute, type RestRoute } from './route.ts';
import { placeShape, type ViewStore } from './view-routes.ts';

interface LinkRouteDeps {
  readonly documents: ViewStore;
  readonly clock: Pick<Clock, 'nowMs'>;
}

const collection = 'links';
const idLength = 12;
const newLinkSchema = z.strictObject(placeShape);
const linkSchema = z.strictObject({ linkId: z.string(), ...placeShape }).meta({ id: 'Link' });

interface LinkDocument extends z.output<typeof newLinkSchema> {
  readonly createdAtMs: number;
}

/** Short names for the state of a page: whoever of the tenant opens one sees the same. */
export function createLinkRoutes(deps: LinkRouteDeps): RestRoute[] {
  return [linkRoute(deps), addRoute(deps)];
}

function linkRoute({ documents }: LinkRouteDeps): RestRoute {
  return readRoute({
    query: noParameters,
    path: '/links/{linkId}',
    operationId: 'getLink',
    summary: 'Where a short link leads',
    tag: 'views',
    description: 'The page and the query string of its address.',
    params: z.strictObject({ linkId: textParameter('The link.', 64) }),
    content: { [jsonType]: linkSchema },
    async handle({ principal, params: { linkId } }) {
      const document = await documents.get<LinkDocument>(principal, collection, linkId);
      if (document !== null) return { linkId, page: document.page, search: document.search };
      throw new OpenFrameError('NOT_FOUND', 'No link has this id: ask for it anew where it came from.', {
        details: { linkId },
      });
    },
  });
}

function addRoute({ documents, clock }: LinkRouteDeps): RestRoute {
  return {
    method: 'POST',
    path: '/links',
    operationId: 'addLink',
    summary: 'A short link to the state of a page',
    tag: 'views',
    access: 'reader',
    query: noParameters,
    params: noParameters,
    body: newLinkSchema,
    streams: false,
    answer: {
      status: 201,
      description: 'The link; the same one for the same state.',
      content: { [jsonType]: linkSchema },
    },
    async run(request, reply, signIn) {
      const principal = await signIn(request);
      const place = parseBody(newLinkSchema, request.body);
      const linkId = idOf(principal, place);
      await documents.put(principal, collection, linkId, { ...place, createdAtMs: clock.nowMs() });
      void reply.code(201);
      return { linkId, ...place };
    },
  };
}

/** Follows from what it leads to, so that a state has one link however often it is shared. */
function idOf({ tenantId }: Principal, { page, search }: z.output<typeof newLinkSchema>): string {
  const text = JSON.stringify([tenantId, page, search]);
  return createHash('sha256').update(text).digest('base64url').slice(0, idLength);
}
