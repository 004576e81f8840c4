import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { roleSchema } from '../../contracts/tenant.ts';
import { parseBody } from './parse-request.ts';
import { type Authenticate, requireReader, sessionCookieName } from './reader-sign-in.ts';
import { jsonType, noParameters, readRoute, type RestRoute } from './route.ts';

const sessionSchema = z.strictObject({ tenantId: z.string(), role: roleSchema }).meta({ id: 'Session' });
const tokenMust = 'must be a bearer token, as `openframe token` prints it';
const signInSchema = z.strictObject({
  // The characters of RFC 6750, all of which a cookie may hold as they are.
  token: z
    .string({ error: () => tokenMust })
    .max(4096, { error: tokenMust })
    .regex(/^[A-Za-z0-9._~+/-]+=*$/, { error: tokenMust }),
});

/** A browser's sign-in: the token in a cookie that scripts cannot read and other sites cannot make it send. */
export function createSessionRoutes(authenticate: Authenticate): RestRoute[] {
  return [beginRoute(authenticate), currentRoute(), endRoute()];
}

function beginRoute(authenticate: Authenticate): RestRoute {
  return {
    method: 'POST',
    path: '/session',
    operationId: 'beginSession',
    summary: 'Sign a browser in with a token',
    tag: 'session',
    access: 'anyone',
    query: noParameters,
    params: noParameters,
    body: signInSchema,
    streams: false,
    answer: {
      status: 200,
      description:
        'Who is signed in now. Sets an HTTP-only cookie, which reading requests may carry instead of a token.',
      content: { [jsonType]: sessionSchema },
    },
    async run(request, reply) {
      const { token } = parseBody(signInSchema, request.body);
      const { tenantId, role } = requireReader(await authenticate(token));
      void reply.header('set-cookie', cookie(request, token));
      return { tenantId, role };
    },
  };
}

function currentRoute(): RestRoute {
  return readRoute({
    query: noParameters,
    params: noParameters,
    path: '/session',
    operationId: 'getSession',
    summary: 'Who asks',
    tag: 'session',
    description: 'The tenant and role of the token or cookie that came with the request.',
    content: { [jsonType]: sessionSchema },
    handle: ({ principal: { tenantId, role } }) => Promise.resolve({ tenantId, role }),
  });
}

function endRoute(): RestRoute {
  return {
    method: 'DELETE',
    path: '/session',
    operationId: 'endSession',
    summary: 'Sign the browser out',
    tag: 'session',
    access: 'anyone',
    query: noParameters,
    params: noParameters,
    streams: false,
    answer: { status: 204, description: 'The cookie is gone; the token itself stays valid.', content: {} },
    async run(request: FastifyRequest, reply: FastifyReply) {
      return reply
        .header('set-cookie', `${cookie(request, '')}; Max-Age=0`)
        .code(204)
        .send();
    },
  };
}

function cookie(request: FastifyRequest, value: string): string {
  const secure = request.protocol === 'https' ? '; Secure' : '';
  return `${sessionCookieName}=${value}; Path=/; HttpOnly; SameSite=Strict${secure}`;
}
