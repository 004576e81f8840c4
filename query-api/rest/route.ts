import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { completenessSchema } from '../../contracts/completeness.ts';
import type { Principal, Role } from '../../contracts/tenant.ts';
import { requireRole } from '../questions/require-role.ts';
import { parseBody, parseRequest } from './parse-request.ts';

/** What a route answers with when all is well. */
export interface RouteAnswer {
  readonly status: number;
  readonly description: string;
  /** Media type to the schema of the whole body; null where the body is a stream or a file. */
  readonly content: Readonly<Record<string, z.ZodType | null>>;
}

/** One route: what OpenAPI says of it and what Fastify runs, in one value. */
export interface RestRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/api/v1`, with parameters in braces, as OpenAPI writes it. */
  readonly path: string;
  /** Unique among all routes; generated clients name their functions after it. */
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  /** `reader`: a token of a role that may read. `anyone`: no token. */
  readonly access: 'reader' | 'anyone';
  readonly query: z.ZodObject;
  readonly params: z.ZodObject;
  readonly body?: z.ZodObject;
  readonly answer: RouteAnswer;
  /** The answer has no end that can be told beforehand, so there is no HEAD of it. */
  readonly streams: boolean;
  /** Answers with what Fastify should send, having parsed the request. `signIn` throws where nobody may read. */
  run(request: FastifyRequest, reply: FastifyReply, signIn: SignIn): Promise<unknown>;
}

/** Who asks: throws `TOKEN_INVALID`, `TOKEN_EXPIRED` or `ROLE_NOT_ALLOWED`. */
export type SignIn = (request: FastifyRequest) => Promise<Principal>;

interface ReadQuestion<Query, Params> {
  readonly principal: Principal;
  readonly query: Query;
  readonly params: Params;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

interface ReadRoute<Query extends z.ZodObject, Params extends z.ZodObject> {
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  readonly query: Query;
  readonly params: Params;
  readonly description: string;
  readonly content: RouteAnswer['content'];
  readonly streams?: boolean;
  handle(question: ReadQuestion<z.output<Query>, z.output<Params>>): Promise<unknown>;
}

/** For routes that take nothing: whatever is given is refused. */
export const noParameters = z.strictObject({});

/** A GET for readers. The caller is known before anything of the request is looked at. */
export function readRoute<Query extends z.ZodObject, Params extends z.ZodObject>(
  route: ReadRoute<Query, Params>,
): RestRoute {
  const { path, operationId, summary, tag, query, params, description, content, streams = false } = route;
  return {
    method: 'GET',
    access: 'reader',
    path,
    operationId,
    summary,
    tag,
    query,
    params,
    streams,
    answer: { status: 200, description, content },
    run: async (request, reply, signIn) => {
      const principal = await signIn(request);
      return route.handle({
        principal,
        query: parseRequest(query, request.query),
        params: parseRequest(params, request.params),
        request,
        reply,
      });
    },
  };
}

interface ActRoute<Params extends z.ZodObject, Body extends z.ZodObject> {
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  readonly params: Params;
  readonly body: Body;
  readonly description: string;
  readonly content: RouteAnswer['content'];
  /** Who may: others get `ROLE_NOT_ALLOWED`. */
  readonly roles: readonly Role[];
  handle(request: {
    readonly principal: Principal;
    readonly params: z.output<Params>;
    readonly body: z.output<Body>;
  }): Promise<unknown>;
}

/** A POST that changes something, with a JSON body; none is an empty one. */
export function actRoute<Params extends z.ZodObject, Body extends z.ZodObject>(
  route: ActRoute<Params, Body>,
): RestRoute {
  const { path, operationId, summary, tag, params, body, description, content } = route;
  return {
    method: 'POST',
    access: 'reader',
    path,
    operationId,
    summary,
    tag,
    query: noParameters,
    params,
    body,
    streams: false,
    answer: { status: 200, description, content },
    run: async (request, _reply, signIn) => {
      const principal = await signIn(request);
      requireRole(principal, route.roles);
      return route.handle({
        principal,
        params: parseRequest(params, request.params),
        body: parseBody(body, request.body ?? {}),
      });
    },
  };
}

/** A schema of a page of a list. */
export function pageOf(item: z.ZodType) {
  return z.strictObject({
    items: z.array(item),
    nextCursor: z
      .string()
      .nullable()
      .describe('Hand it back as `cursor` for the next page; null on the last.'),
  });
}

/** What answers made of events have besides: how complete they are. */
export const completenessShape = { completeness: completenessSchema.meta({ id: 'Completeness' }) };

export const jsonType = 'application/json';
