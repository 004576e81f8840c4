import { type CelInput, celEnv, isCelError, parse, plan } from '@bufbuild/cel';

import { messageOf, OpenFrameError } from '../../../contracts/errors.ts';

/** A value of an event as a condition sees it: JSON, numbers as doubles. */
export type FieldValue =
  string | number | boolean | null | readonly FieldValue[] | { readonly [name: string]: FieldValue };

/** One event for a rule: its fields are the variables of the rule's conditions. */
export interface EventObservation {
  readonly timeMs: number;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

/** A condition in CEL (github.com/google/cel-spec), planned once. */
export interface Condition {
  readonly text: string;
  /** False where the condition names a field that is missing, or compares what cannot be compared: never throws. */
  holds(fields: Readonly<Record<string, FieldValue>>): boolean;
}

const mostCharacters = 2_000;
const environment = celEnv();

/**
 * Throws `ARGUMENT_INVALID` with the place where the text is no CEL, or where it is over 2,000 characters. `matches` is
 * RE2, linear in the text, so a hostile line cannot stall it.
 */
export function createCondition(text: string): Condition {
  const evaluate = planned(text);
  const holds = (fields: Readonly<Record<string, CelInput>>): boolean => {
    const result = evaluate(fields);
    return !isCelError(result) && result === true;
  };
  return { text, holds };
}

function planned(text: string): ReturnType<typeof plan> {
  if (text.length > mostCharacters) {
    throw new OpenFrameError(
      'ARGUMENT_INVALID',
      `A condition has at most ${mostCharacters} characters, this one ${text.length}.`,
    );
  }
  try {
    return plan(environment, parse(text));
  } catch (cause) {
    throw new OpenFrameError('ARGUMENT_INVALID', `The condition '${text}' is no CEL: ${messageOf(cause)}`, {
      cause,
    });
  }
}
