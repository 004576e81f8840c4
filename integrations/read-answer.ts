import type { z } from 'zod';

import { OpenFrameError } from '../contracts/errors.ts';
import { toolUnavailable } from './tool-faults.ts';

/** What a tool answered, checked. Throws `TOOL_UNAVAILABLE` with what is wrong of it. */
export function readAnswer<T>(tool: string, schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.').slice(0, 100) ?? '';
  throw toolUnavailable(
    `${tool} answered something else than it documents (${where}: ${issue?.message ?? ''}): check the address.`,
    { cause: parsed.error },
  );
}

/** A cursor as the reader wrote it; null where there is none. Throws `STATE_CORRUPT`. */
export function readCursor<T>(schema: z.ZodType<T>, cursor: unknown): T | null {
  if (cursor === null || cursor === undefined) return null;
  const parsed = schema.safeParse(cursor);
  if (parsed.success) return parsed.data;
  throw new OpenFrameError(
    'STATE_CORRUPT',
    'The place up to which the tool was read cannot be read. Remove the connector and add it again.',
    { cause: parsed.error },
  );
}
