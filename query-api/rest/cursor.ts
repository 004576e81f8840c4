import { createHash } from 'node:crypto';
import { z } from 'zod';

import { OpenFrameError } from '../../contracts/errors.ts';
import type { TenantScope } from '../../contracts/tenant.ts';

const envelopeSchema = z.strictObject({ question: z.string(), after: z.unknown() });

/**
 * Where the next page begins, as a text that callers hand back unread: base64url of JSON with the position
 * and a fingerprint of the question (tenant, route, filters, sort) that it belongs to.
 */
export function encodeCursor(question: string, after: unknown): string {
  return Buffer.from(JSON.stringify({ question, after })).toString('base64url');
}

/** The position in a cursor. Throws `CURSOR_INVALID` where it is not one, or belongs to another question. */
export function decodeCursor<Position extends z.ZodType>(
  cursor: string,
  question: string,
  position: Position,
): z.output<Position> {
  const envelope = envelopeSchema.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!envelope.success) throw invalid('is not one that this server gave');
  if (envelope.data.question !== question) {
    throw invalid('was given for other filters, another sort, another list or another tenant');
  }
  const after = position.safeParse(envelope.data.after);
  if (!after.success) throw invalid('does not hold a position of this list');
  return after.data;
}

/** The fingerprint of a question: equal for equal tenant, list and filters, whatever order the members have. */
export function questionOf(scope: TenantScope, list: string, asked: object): string {
  const members = Object.entries(asked)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([scope.tenantId, list, members]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function invalid(why: string): OpenFrameError {
  return new OpenFrameError(
    'CURSOR_INVALID',
    `The cursor ${why}. Ask for the first page again without "cursor", with the filters you want, and follow its nextCursor.`,
    { details: { field: 'cursor' } },
  );
}
