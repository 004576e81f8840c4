import type { z } from 'zod';

import { OpenFrameError } from '../../../contracts/errors.ts';

/** How the small state of a rule stands in bytes: JSON, checked when it is read back. */
export function jsonState<State>(schema: z.ZodType<State>): {
  serialise(state: State): Uint8Array;
  restore(bytes: Uint8Array): State;
} {
  return {
    serialise: (state) => Buffer.from(JSON.stringify(state)),
    restore: (bytes) => {
      try {
        return schema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
      } catch (cause) {
        throw new OpenFrameError('STATE_CORRUPT', "A rule's state cannot be read back from its bytes.", {
          cause,
        });
      }
    },
  };
}
