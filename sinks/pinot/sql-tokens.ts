import { OpenFrameError } from '../../contracts/errors.ts';

/** A piece of a question. Of texts and quoted names `text` is what they say, of all others as it stands. */
export interface Token {
  readonly kind: 'text' | 'quoted' | 'number' | 'word' | 'mark';
  readonly text: string;
}

const pattern =
  /\s+|'(?<text>(?:[^']|'')*)'|"(?<quoted>[^"]*)"|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<word>[A-Za-z_]\w*)|(?<mark><=|>=|<>|!=|[=<>+*/%(),-])/y;

/** The pieces of a question. Throws `QUERY_INVALID` for any character that has no place in one, and for comments. */
export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  while (pattern.lastIndex < sql.length) {
    const at = pattern.lastIndex;
    const groups = pattern.exec(sql)?.groups;
    if (groups === undefined) throw refused(`There is no place for ${word(sql.slice(at, at + 1))}`);
    const { text, quoted, number, word: name, mark } = groups;
    if (text !== undefined) tokens.push({ kind: 'text', text: text.replaceAll("''", "'") });
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (name !== undefined) tokens.push({ kind: 'word', text: name });
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
    if (sql.startsWith('--', at) || sql.startsWith('/*', at)) throw refused('Comments are not known here');
  }
  return tokens;
}

export function refused(what: string): OpenFrameError {
  return new OpenFrameError(
    'QUERY_INVALID',
    `${what}: ask SELECT … FROM events with WHERE, GROUP BY, HAVING, ORDER BY and LIMIT, without subqueries.`,
    { details: { field: 'sql' } },
  );
}

/** What a message quotes of a hostile question. */
export function word(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}
