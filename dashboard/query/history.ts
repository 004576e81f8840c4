import type { QueryState } from './query-state.ts';

export type HistoryKey = 'openframe.queries' | 'openframe.sql';
const kept = 30;

/** The questions that were run in this browser, newest first. A browser may forbid storage: then it has none. */
export function readHistory(
  storage: Pick<Storage, 'getItem'>,
  key: HistoryKey = 'openframe.queries',
): readonly QueryState[] {
  try {
    const value: unknown = JSON.parse(storage.getItem(key) ?? '[]');
    return Array.isArray(value) ? value.filter(isQuery) : [];
  } catch {
    return [];
  }
}

/** Puts a question on top; the same one again is there once. */
export function remember(
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  asked: QueryState,
  key: HistoryKey = 'openframe.queries',
): readonly QueryState[] {
  const others = readHistory(storage, key).filter(
    ({ text, variables }) => text !== asked.text || variables !== asked.variables,
  );
  const history = [asked, ...others].slice(0, kept);
  try {
    storage.setItem(key, JSON.stringify(history));
  } catch {
    return history;
  }
  return history;
}

function isQuery(value: unknown): value is QueryState {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'text' in value &&
    typeof value.text === 'string' &&
    'variables' in value &&
    typeof value.variables === 'string'
  );
}
