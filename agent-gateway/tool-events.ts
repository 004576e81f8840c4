import type { FastifyReply, FastifyRequest } from 'fastify';

import { OpenFrameError } from '../contracts/errors.ts';
import type { Acceptance } from './event-door.ts';
import { type IngestContext, readAdmitted } from './ingest-context.ts';

type ToolRequest = FastifyRequest<{ Params: { format: string; server: string } }>;

/**
 * `POST /ingest/v1/tools/<format>/<server>`: a webhook or log of a tool as the tool writes it. Many tools can be
 * given a URL and nothing more, so the token may stand in `?token=`. The tenant is the token's; a device's token is
 * refused, for it speaks for one device alone.
 */
export async function postToolEvents(
  context: IngestContext,
  request: ToolRequest,
  reply: FastifyReply,
): Promise<Acceptance> {
  const { deps, door } = context;
  const { format, server } = request.params;
  const principal = await context.authorise(bearerOf(request));
  if (principal.deviceId !== undefined) {
    throw new OpenFrameError(
      'ROLE_NOT_ALLOWED',
      'The token speaks for one device: make one for the tool with `openframe token --role agent`.',
    );
  }
  if (deps.tools?.formats.includes(format) !== true) {
    throw new OpenFrameError(
      'NOT_FOUND',
      `There is no format of that name: use one of ${(deps.tools?.formats ?? []).join(', ')}.`,
    );
  }
  await door.payTenant(principal, 1);
  using body = await readAdmitted(context, principal, request);
  const receivedMs = deps.clock.nowMs();
  const events = await deps.tools.decode(principal, { format, server, bytes: body.bytes, receivedMs });
  if (events.length > 1) await door.payTenant(principal, events.length - 1);
  const acceptance = await door.accept(principal, events, (event) => event);
  deps.metrics.accepted(acceptance.accepted);
  for (const { code } of acceptance.rejected) deps.metrics.refused(code, 1);
  reply.code(202);
  return acceptance;
}

function bearerOf(request: ToolRequest): string | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) return authorization;
  const { token } = request.query as { readonly token?: unknown };
  return typeof token === 'string' ? token : undefined;
}
