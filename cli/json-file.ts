import { readFileSync } from 'node:fs';
import { z } from 'zod';

import { messageOf, OpenFrameError } from '../contracts/errors.ts';

/** What a file (`-`: standard input) holds as JSON. Throws `ARGUMENT_INVALID` with every fault where it is no `noun`. */
export function readJsonFile<T>(file: string, schema: z.ZodType<T>, noun: string): T {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (cause) {
    throw new OpenFrameError('ARGUMENT_INVALID', `${file} cannot be read as JSON: ${messageOf(cause)}`, {
      cause,
    });
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new OpenFrameError('ARGUMENT_INVALID', `${file} is no ${noun}: ${z.prettifyError(parsed.error)}`);
}
