import type { FastifyRequest } from 'fastify';

import { OpenFrameError } from '../../contracts/errors.ts';
import { type Principal, type Role, roles } from '../../contracts/tenant.ts';
import type { SignIn } from './route.ts';

/** Holds the bearer token of a browser's sign-in. */
export const sessionCookieName = 'openframe_session';

/** Everyone but agents, which only send. */
const readerRoles: readonly Role[] = roles.filter((role) => role !== 'agent');

const safeMethods = ['GET', 'HEAD'];

export type Authenticate = (bearer: string) => Promise<Principal>;

/**
 * Finds out who reads: by the bearer token of the header or, for requests that change nothing, by the session
 * cookie, so that a page of another site cannot make a browser act.
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
  const token = safeMethods.includes(request.method) ? sessionTokenOf(request.headers.cookie) : undefined;
  if (token !== undefined) return token;
  throw new OpenFrameError(
    'TOKEN_INVALID',
    'No token came with the request; send the header "Authorization: Bearer <token>".',
  );
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
