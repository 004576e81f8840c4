import type { FastifyRequest } from 'fastify';

import { OpenFrameError } from '../../contracts/errors.ts';
import { type Principal, type Role, roles } from '../../contracts/tenant.ts';
import type { SignIn } from './route.ts';

/** Holds the bearer token of a browser's sign-in. */
export const sessionCookieName = 'openframe_session';

/** Everyone but agents, which only send. */
const readerRoles: readonly Role[] = roles.filter((role) => role !== 'agent');

const safeMethods = ['GET', 'HEAD'];
/** A page of another site cannot set it without being asked first (CORS), which nobody here allows. */
const csrfHeaderName = 'x-openframe-csrf';

export type Authenticate = (bearer: string) => Promise<Principal>;

/**
 * Finds out who reads: by the bearer token of the header or by the session cookie. The cookie counts for requests
 * that change nothing and for those that carry the header `X-OpenFrame-CSRF`, so that a page of another site cannot
 * make a browser act.
 */
export function createReaderSignIn(authenticate: Authenticate): SignIn {
  return async (request) => requireReader(await authenticate(tokenOf(request)));
}

/** The principal itself. Throws `ROLE_NOT_ALLOWED` for an agent. */
export function requireReader(principal: Principal): Principal {
  if (readerRoles.includes(principal.role)) return principal;
  throw new OpenFrameError(
    'ROLE_NOT_ALLOWED',
    `A token of role ${principal.role} may not read; use one of role ${readerRoles.join(', ')}.`,
    { details: { role: principal.role, allowed: readerRoles } },
  );
}

function tokenOf(request: FastifyRequest): string {
  const authorization = request.headers.authorization;
  if (authorization !== undefined) {
    const token = /^Bearer +([^\s]+)$/i.exec(authorization)?.[1];
    if (token !== undefined) return token;
    throw new OpenFrameError('TOKEN_INVALID', 'The header Authorization must be "Bearer <token>".');
  }
  const token = sessionTokenOf(request.headers.cookie);
  if (token !== undefined) {
    if (!safeMethods.includes(request.method)) requireCsrfHeader(request);
    return token;
  }
  throw new OpenFrameError(
    'TOKEN_INVALID',
    'No token came with the request; send the header "Authorization: Bearer <token>".',
  );
}

function requireCsrfHeader(request: FastifyRequest): void {
  requireSameOrigin(request);
  if ((request.headers[csrfHeaderName] ?? '') !== '') return;
  throw new OpenFrameError(
    'TOKEN_INVALID',
    'The session cookie alone may not change anything: send the header "X-OpenFrame-CSRF: 1" with it, or a bearer token.',
  );
}

/** Throws `TOKEN_INVALID` where the page that asks is of another site. Programs that are no browser say no origin. */
export function requireSameOrigin({ headers }: FastifyRequest): void {
  const { origin, host } = headers;
  if (origin === undefined) return;
  if (URL.parse(origin)?.host === host) return;
  throw new OpenFrameError('TOKEN_INVALID', 'A page of another site may not use this session.');
}

/** The session's token in a Cookie header (RFC 6265 section 4.2.1), undefined where there is none. */
function sessionTokenOf(cookies: string | undefined): string | undefined {
  const prefix = `${sessionCookieName}=`;
  const pair = cookies
    ?.split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(prefix));
  const token = pair?.slice(prefix.length);
  return token === undefined || token === '' ? undefined : token;
}
