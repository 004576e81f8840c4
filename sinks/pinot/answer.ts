import { z } from 'zod';

import { OpenFrameError } from '../../contracts/errors.ts';

/** A row of an answer: numbers, texts and lists, in the order of the select list. */
export type Row = readonly unknown[];

const answerSchema = z.object({
  resultTable: z
    .object({
      dataSchema: z.object({ columnNames: z.array(z.string()), columnDataTypes: z.array(z.string()) }),
      rows: z.array(z.array(z.unknown())),
    })
    .optional(),
  exceptions: z.array(z.object({ errorCode: z.number(), message: z.string() })),
  numServersQueried: z.number(),
  numServersResponded: z.number(),
  numSegmentsQueried: z.number(),
  numGroupsLimitReached: z.boolean().optional(),
  /** From Pinot 1.0 on. */
  partialResult: z.boolean().optional(),
});

/** Pinot's error codes (`QueryException`, 0.11 and 1.x) that say that the question is wrong, not the cluster. */
const wrongQuestion: ReadonlySet<number> = new Set([150, 160, 700, 710]);
const timedOut: ReadonlySet<number> = new Set([240, 250, 400]);
const noTable: ReadonlySet<number> = new Set([190, 230, 410]);
/** A server lacks the table, or segments of it, that the cluster believes it to have. */
const lacking: ReadonlySet<unknown> = new Set([230, 235]);

/** An answer with what its columns are. */
export interface AnswerTable {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly Row[];
  /** How many of the table's segments the broker knew of. */
  readonly segments: number;
}

/**
 * A broker's answer, whole. An answer to which a server or a segment did not contribute, or that left
 * groups out, is an error and never fewer rows. Throws `STORE_UNAVAILABLE` (retryable), `QUERY_INVALID` where the
 * answer would have too many groups, `INTERNAL` where Pinot does not understand the question.
 */
export function tableOf(body: unknown): AnswerTable {
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success) throw unavailable('its answer is none of a Pinot broker', body);
  const answer = parsed.data;
  const [first] = answer.exceptions;
  if (first !== undefined) throw faultOf(first);
  if (answer.numGroupsLimitReached === true) throw tooManyGroups();
  if (answer.numServersResponded < answer.numServersQueried || answer.partialResult === true) {
    throw unavailable(`${answer.numServersResponded} of ${answer.numServersQueried} servers answered`);
  }
  // A table has segments from its first moment on: nobody to ask means that no server has them open yet.
  if (answer.numServersQueried === 0) throw unavailable('no server has the table open');
  if (answer.resultTable === undefined) throw unavailable('its answer has no rows', body);
  const { dataSchema, rows } = answer.resultTable;
  const { columnNames, columnDataTypes } = dataSchema;
  const columns = columnNames.map((name, at) => ({ name, type: columnDataTypes[at] ?? '' }));
  return { columns, rows, segments: answer.numSegmentsQueried };
}

function faultOf({ errorCode, message }: { errorCode: number; message: string }): OpenFrameError {
  const text = message.split('\n', 2).join(' ').slice(0, 300);
  const details = { errorCode };
  if (wrongQuestion.has(errorCode)) {
    return new OpenFrameError('INTERNAL', `Pinot does not understand a question: ${text}`, { details });
  }
  if (timedOut.has(errorCode)) return unavailable(`the question took too long (${text})`, details);
  if (noTable.has(errorCode)) {
    return unavailable('a table is missing or not open yet; a start of the role query makes it', details);
  }
  return unavailable(`the answer is not whole (${errorCode}: ${text})`, details);
}

/** Whether a server did not have what it was asked for, in a fault that `tableOf` threw. */
export function lacksSegments(error: unknown): boolean {
  if (!(error instanceof OpenFrameError)) return false;
  const { cause } = error;
  return typeof cause === 'object' && cause !== null && 'errorCode' in cause && lacking.has(cause.errorCode);
}

export function unavailable(what: string, cause?: unknown): OpenFrameError {
  return new OpenFrameError('STORE_UNAVAILABLE', `Pinot cannot answer now: ${what}.`, {
    retryable: true,
    cause,
  });
}

function tooManyGroups(): OpenFrameError {
  return new OpenFrameError(
    'QUERY_INVALID',
    'The answer has more groups than Pinot counts exactly: choose a shorter range or a narrower filter.',
    { details: { field: 'from' } },
  );
}
