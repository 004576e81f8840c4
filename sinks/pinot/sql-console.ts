import { OpenFrameError } from '../../contracts/errors.ts';
import { type SqlAnswer, type SqlConsole, sqlTimeoutMs } from '../sql.ts';
import type { AnswerTable } from './answer.ts';
import { refused } from './sql-tokens.ts';
import { eventsTable, shownNames, translateSql } from './sql-translate.ts';
import { fromStoredText } from './stored-text.ts';
import type { TenantRows } from './tenant-rows.ts';

/** SQL on the table of events. What is cancelled is answered to nobody; Pinot's servers end it by its time-out. */
export function createSqlConsole(rows: TenantRows): SqlConsole {
  return {
    dialect: 'Pinot',
    tables: [eventsTable],
    async run(scope, { sql, limit, explain }, signal) {
      signal.throwIfAborted();
      const question = translateSql(sql, limit + 1);
      const asked = rows.table(scope, 'events', question, { explain }).catch((error: unknown) => {
        throw faultOf(error);
      });
      const table = await untilAborted(asked, signal);
      return explain ? planOf(table) : answerOf(table, limit);
    },
  };
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const left = Promise.withResolvers<never>();
  const leave = (): void => left.reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([work, left.promise]);
  } finally {
    work.catch(() => undefined);
    signal.removeEventListener('abort', leave);
  }
}

function answerOf({ columns, rows }: AnswerTable, limit: number): SqlAnswer {
  return {
    columns: columns.map(({ name, type }) => ({ name: shownNames.get(name) ?? name, type })),
    rows: rows
      .slice(0, limit)
      .map((row) => row.map((value, at) => (columns[at]?.type === 'STRING' ? fromStoredText(value) : value))),
    truncated: rows.length > limit,
  };
}

function planOf({ rows }: AnswerTable): SqlAnswer {
  return {
    columns: [{ name: 'plan', type: 'STRING' }],
    rows: rows.map((row) => [row.map(String).join('  ')]),
    truncated: false,
  };
}

function faultOf(error: unknown): unknown {
  if (!(error instanceof OpenFrameError)) return error;
  if (error.code === 'INTERNAL') return refused(error.message);
  // What a server says of its fault may quote a value, and of whose row nobody promises.
  if (/the answer is not whole|no server has the table open/.test(error.message))
    return refused('Pinot cannot run this question');
  if (!/took too long/.test(error.message)) return error;
  return new OpenFrameError(
    'QUERY_TOO_COMPLEX',
    `The question took longer than ${sqlTimeoutMs / 1000} s: narrow the time, or group less finely.`,
    { details: { limit: 'time' } },
  );
}
