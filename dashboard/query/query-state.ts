/** What the console asks: wholly in the address. */
export interface QueryState {
  readonly text: string;
  readonly variables: string;
}

export const examples = [
  {
    name: 'Newest errors',
    text: `query Errors($first: Int) {
  events(first: $first, filter: { severities: [ERROR, CRITICAL] }) {
    totalCount
    nodes { eventTime severity hostname summary device { status } }
    pageInfo { hasNextPage endCursor }
  }
}`,
    variables: '{ "first": 10 }',
  },
  {
    name: 'Events by severity',
    text: `{
  eventStats(bucket: "1h", groupBy: severity, filter: {}) {
    total
    buckets { start count groups { key count } }
  }
}`,
    variables: '',
  },
  {
    name: 'Devices and pipelines',
    text: `{
  deviceFacets { status { value count } platform { value count } }
  devices(first: 20) { nodes { deviceId hostname status lastSeen } }
  pipelines { name state ratePerSecond lag latencyMs { p99 } }
}`,
    variables: '',
  },
] as const;

/** Reads a query string; the first example where it asks nothing. */
export function parseQuery(queryString: string): QueryState {
  const query = new URLSearchParams(queryString);
  const text = query.get('query');
  if (text === null) return { text: examples[0].text, variables: examples[0].variables };
  return { text, variables: query.get('variables') ?? '' };
}

export function printQuery({ text, variables }: QueryState): string {
  const query = new URLSearchParams({ query: text });
  if (variables.trim() !== '') query.set('variables', variables);
  return `?${query.toString()}`;
}

/** The same question for a shell: the token is left for the caller to put in. */
export function asCurl(origin: string, text: string, variables: unknown): string {
  const body = JSON.stringify({ query: text, variables }).replaceAll("'", `'\\''`);
  return `curl -s '${origin}/graphql' -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '${body}'`;
}

/** Variables as an object; throws a `SyntaxError` where they are none. */
export function parseVariables(text: string): object {
  if (text.trim() === '') return {};
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new SyntaxError('Variables must be one JSON object.');
}
