import { z } from 'zod';

import { OpenFrameError } from '../contracts/errors.ts';

/** A request's query or body, checked. Throws `ARGUMENT_INVALID` with every fault. */
export function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new OpenFrameError('ARGUMENT_INVALID', `The request is wrong: ${z.prettifyError(result.error)}`);
}
