import type { FastifyReply } from 'fastify';

/** Aborts when the answer's connection is gone, before or after the answer was complete. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  if (reply.raw.destroyed) gone.abort();
  return gone.signal;
}
