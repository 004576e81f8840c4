import { z } from 'zod';

import { type DeadLetter, deadLetterSchema } from '../../contracts/dead-letter.ts';
import { OpenFrameError } from '../../contracts/errors.ts';
import type { Principal, Role } from '../../contracts/tenant.ts';
import { textParameter, wholeNumberParameter } from './parameters.ts';
import { parseBody, parseRequest } from './parse-request.ts';
import { jsonType, noParameters, pageOf, readRoute, type RestRoute } from './route.ts';

interface TenantFilter {
  /** The caller's tenant: never left out here. */
  readonly tenantId: string;
  readonly stage?: string;
  readonly reason?: string;
}

/** What these routes need of the dead letters; a filter's reason is the start of a reason. */
export interface DeadLetters {
  list(filter: TenantFilter, limit: number): Promise<readonly DeadLetter[]>;
  reasons(filter: TenantFilter): Promise<
    readonly {
      readonly topology: string;
      readonly stage: string;
      readonly reason: string;
      readonly count: number;
    }[]
  >;
  replay(
    filter: TenantFilter & { readonly ids?: readonly string[] },
    options: { readonly dryRun: boolean; readonly maxReplays: number; readonly ratePerSecond?: number },
  ): Promise<{ readonly replayed: number; readonly refused: number; readonly dryRun: boolean }>;
}

/** Who may send events through again. */
const replayRoles: readonly Role[] = ['operator', 'admin'];
/** One that failed so often is left alone. */
const maxReplays = 3;
/** A tenant's replay does not hold up what comes in meanwhile. */
const ratePerSecond = 500;

const filterShape = {
  stage: textParameter('The stage that gave up.', 128).optional(),
  reason: textParameter('The start of the reason.', 256).optional(),
};
const reasonSchema = z.strictObject({
  topology: z.string(),
  stage: z.string(),
  reason: z.string(),
  count: z.int(),
});
const replaySchema = z.strictObject({
  ids: z.array(z.string().min(1).max(256)).min(1).max(1000).optional(),
  stage: z.string().min(1).max(128).optional(),
  reason: z.string().min(1).max(256).optional(),
  dryRun: z.boolean(),
});
const reportSchema = z.strictObject({
  replayed: z.int(),
  refused: z.int(),
  dryRun: z.boolean(),
  reasons: z.array(reasonSchema).optional(),
});

/** What could not be processed of the tenant's events: looked at, and sent again. */
export function createDeadLetterRoutes(deadLetters: DeadLetters): RestRoute[] {
  return [listRoute(deadLetters), reasonsRoute(deadLetters), replayRoute(deadLetters)];
}

function listRoute(deadLetters: DeadLetters): RestRoute {
  return readRoute({
    params: noParameters,
    path: '/dead-letters',
    operationId: 'listDeadLetters',
    summary: 'What could not be processed, newest first',
    tag: 'pipelines',
    description: 'Each with its bytes (base64), the stage and the reason. There is one page.',
    query: z.strictObject({ ...filterShape, limit: wholeNumberParameter('Most of them.', 1, 1000, 100) }),
    content: { [jsonType]: pageOf(deadLetterSchema.meta({ id: 'DeadLetter' })) },
    async handle({ principal, query: { limit, stage, reason } }) {
      const items = await deadLetters.list(ofTenant(principal, { stage, reason }), limit);
      return { items, nextCursor: null };
    },
  });
}

function reasonsRoute(deadLetters: DeadLetters): RestRoute {
  return readRoute({
    query: z.strictObject(filterShape),
    params: noParameters,
    path: '/dead-letters/reasons',
    operationId: 'countDeadLetters',
    summary: 'How many there are by topology, stage and reason',
    tag: 'pipelines',
    description: 'Most frequent first.',
    content: { [jsonType]: z.strictObject({ items: z.array(reasonSchema), nextCursor: z.null() }) },
    handle: async ({ principal, query }) => ({
      items: await deadLetters.reasons(ofTenant(principal, query)),
      nextCursor: null,
    }),
  });
}

function replayRoute(deadLetters: DeadLetters): RestRoute {
  return {
    method: 'POST',
    path: '/dead-letters/replay',
    operationId: 'replayDeadLetters',
    summary: 'Send them through again',
    tag: 'pipelines',
    access: 'reader',
    query: noParameters,
    params: noParameters,
    body: replaySchema,
    streams: false,
    answer: {
      status: 200,
      description: `How many went, and how many were left alone because they failed ${maxReplays} times. For operators and administrators.`,
      content: { [jsonType]: reportSchema },
    },
    async run(request, _reply, signIn) {
      const principal = await signIn(request);
      requireReplayRole(principal);
      parseRequest(noParameters, request.query);
      const { dryRun, ids, stage, reason } = parseBody(replaySchema, request.body);
      const filter = { ...ofTenant(principal, { stage, reason }), ...(ids === undefined ? {} : { ids }) };
      return deadLetters.replay(filter, { dryRun, maxReplays, ratePerSecond });
    },
  };
}

function ofTenant(
  { tenantId }: Principal,
  { stage, reason }: { readonly stage?: string | undefined; readonly reason?: string | undefined },
): TenantFilter {
  return {
    tenantId,
    ...(stage === undefined ? {} : { stage }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function requireReplayRole({ role }: Principal): void {
  if (replayRoles.includes(role)) return;
  throw new OpenFrameError(
    'ROLE_NOT_ALLOWED',
    `A token of role ${role} may not send events again; use one of role ${replayRoles.join(', ')}.`,
    { details: { role, allowed: replayRoles } },
  );
}
