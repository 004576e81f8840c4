import { randomUUID } from 'node:crypto';
import { z } from 'zod';

import { OpenFrameError } from '../../contracts/errors.ts';
import type { Principal } from '../../contracts/tenant.ts';
import type { DocumentStore } from '../../stores/documents.ts';
import type { Clock } from '../../streams/clock.ts';
import { textParameter } from './parameters.ts';
import { parseBody, parseRequest } from './parse-request.ts';
import { jsonType, noParameters, pageOf, readRoute, type RestRoute } from './route.ts';

/** What these routes need of the documents. */
export type ViewStore = Pick<DocumentStore, 'list' | 'put' | 'get' | 'delete'>;

export interface ViewRouteDeps {
  readonly documents: ViewStore;
  readonly clock: Pick<Clock, 'nowMs'>;
}

const collection = 'views';
const viewLimit = 500;

/** The state of a page of the dashboard. */
export const placeShape = {
  page: z.string().regex(/^[a-z]{1,32}$/, { error: 'must be the name of a page, such as explore' }),
  /** The query string of the page's address. */
  search: z
    .string()
    .max(4096)
    .regex(/^(\?.*)?$/s, { error: 'must be empty or start with ?' }),
};
const newViewSchema = z.strictObject({
  name: z.string().trim().min(1).max(80),
  ...placeShape,
  team: z.boolean(),
});
const viewSchema = z.strictObject({
  viewId: z.uuid(),
  ...newViewSchema.shape,
  mine: z.boolean().describe('Whether the token that asks made it.'),
  createdAt: z.iso.datetime(),
});

interface ViewDocument extends z.output<typeof newViewSchema> {
  readonly owner: string;
  readonly createdAtMs: number;
}

/** Questions kept under a name: for whoever holds the token that made them, or for all of the tenant. */
export function createViewRoutes(deps: ViewRouteDeps): RestRoute[] {
  return [listRoute(deps), addRoute(deps), removeRoute(deps)];
}

function listRoute({ documents }: ViewRouteDeps): RestRoute {
  return readRoute({
    query: noParameters,
    params: noParameters,
    path: '/views',
    operationId: 'listViews',
    summary: 'Saved views',
    tag: 'views',
    description: 'The views of the tenant and those that only this token sees, by name.',
    content: { [jsonType]: pageOf(viewSchema.meta({ id: 'View' })) },
    async handle({ principal }) {
      const found = await documents.list<ViewDocument>(principal, collection, { limit: viewLimit });
      const items = found
        .filter(({ document }) => document.team || document.owner === principal.tokenId)
        .map(({ id, document }) => answerOf(id, document, principal))
        .sort((a, b) => a.name.localeCompare(b.name, 'en'));
      return { items, nextCursor: null };
    },
  });
}

function addRoute({ documents, clock }: ViewRouteDeps): RestRoute {
  return {
    method: 'POST',
    path: '/views',
    operationId: 'addView',
    summary: 'Save a view',
    tag: 'views',
    access: 'reader',
    query: noParameters,
    params: noParameters,
    body: newViewSchema,
    streams: false,
    answer: { status: 201, description: 'The view.', content: { [jsonType]: viewSchema } },
    async run(request, reply, signIn) {
      const principal = await signIn(request);
      const view = parseBody(newViewSchema, request.body);
      const known = await documents.list(principal, collection, { limit: viewLimit });
      if (known.length >= viewLimit) throw full();
      const document = { ...view, owner: principal.tokenId, createdAtMs: clock.nowMs() };
      const viewId = randomUUID();
      await documents.put(principal, collection, viewId, document);
      void reply.code(201);
      return answerOf(viewId, document, principal);
    },
  };
}

function removeRoute({ documents }: ViewRouteDeps): RestRoute {
  const params = z.strictObject({ viewId: textParameter('The view.', 64) });
  return {
    method: 'DELETE',
    path: '/views/{viewId}',
    operationId: 'removeView',
    summary: 'Remove a saved view',
    tag: 'views',
    access: 'reader',
    query: noParameters,
    params,
    streams: false,
    answer: { status: 204, description: 'It is gone.', content: {} },
    async run(request, reply, signIn) {
      const principal = await signIn(request);
      const { viewId } = parseRequest(params, request.params);
      const document = await documents.get<ViewDocument>(principal, collection, viewId);
      if (document === null || !(document.team || document.owner === principal.tokenId)) {
        throw new OpenFrameError('NOT_FOUND', 'No view has this id.', { details: { viewId } });
      }
      await documents.delete(principal, collection, viewId);
      return reply.code(204).send();
    },
  };
}

function answerOf(viewId: string, { owner, createdAtMs, ...view }: ViewDocument, { tokenId }: Principal) {
  return { viewId, ...view, mine: owner === tokenId, createdAt: new Date(createdAtMs).toISOString() };
}

function full(): OpenFrameError {
  return new OpenFrameError(
    'QUOTA_EXCEEDED',
    `This tenant keeps ${viewLimit} views already, which is the limit: remove one first.`,
    { details: { limit: viewLimit } },
  );
}
