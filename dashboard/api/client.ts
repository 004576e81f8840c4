import type { Completeness } from '../../contracts/completeness.ts';
import { type ErrorCode, errorCodes, OpenFrameError } from '../../contracts/errors.ts';
import type { Session } from './answers.ts';
import { eventsIn, type StreamedEvent } from './events-in.ts';

/** Values of a query string; null, undefined, '' and [] are left out, a list is joined with commas, those of its values escaped. */
export type Params = Readonly<Record<string, string | number | readonly string[] | null | undefined>>;

/** The REST API as this page uses it. Every call throws `OpenFrameError`; see `isAway`, `isSignedOut`, `isDenied`. */
export interface Api {
  get<T>(path: string, params?: Params, signal?: AbortSignal): Promise<T>;
  post<T>(path: string, body: object, signal?: AbortSignal): Promise<T>;
  /** A post whose answer is a stream of server-sent events: each with its name and its JSON, as it comes. */
  postForEvents(path: string, body: object, signal: AbortSignal): AsyncIterable<StreamedEvent>;
  /** A post whose answer is no JSON. */
  postForText(path: string, body: object): Promise<string>;
  remove(path: string): Promise<void>;
  /** An operation of GraphQL: its whole answer, errors included. */
  graph(query: string, variables: object, signal?: AbortSignal): Promise<GraphAnswer>;
  /** Trades a bearer token for an HTTP-only cookie. */
  signIn(token: string): Promise<Session>;
  /** Who the cookie speaks for; throws `TOKEN_INVALID` or `TOKEN_EXPIRED` where nobody is signed in. */
  session(): Promise<Session>;
  signOut(): Promise<void>;
}

const unreachable = { unreachable: true };
const apiRoot = '/api/v1';
/** What no page of another site can send. */
const csrf = { 'x-openframe-csrf': '1' };

export interface GraphAnswer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string }[];
  readonly extensions?: { readonly completeness?: Completeness };
}

/** A comma of a value would divide it. */
function escapeListValue(value: string): string {
  return value.replaceAll(/[\\,]/g, '\\$&');
}

/** A path under the API with its query string. */
export function apiUrl(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    const text = Array.isArray(value) ? value.map(escapeListValue).join(',') : String(value ?? '');
    if (text !== '') query.set(name, text);
  }
  const text = query.toString();
  return `${apiRoot}${path}${text === '' ? '' : `?${text}`}`;
}

/** The API over `fetch`. */
export function createApi(fetchOver: typeof fetch): Api {
  async function call<T>(path: string, init: RequestInit): Promise<T> {
    const response = await reach(fetchOver, path, init);
    if (!response.ok) throw await faultOf(response);
    if (response.status === 204) return undefined as T;
    return (await response.json()) as T;
  }
  return {
    get: (path, params, signal) => call(apiUrl(path, params), signal === undefined ? {} : { signal }),
    post: (path, body, signal) =>
      call(apiUrl(path), { ...jsonPost(body), ...(signal === undefined ? {} : { signal }) }),
    async *postForEvents(path, body, signal) {
      const { headers, ...post } = jsonPost(body);
      const init = { ...post, headers: { ...headers, accept: 'text/event-stream' }, signal };
      const response = await reach(fetchOver, apiUrl(path), init);
      if (!response.ok) throw await faultOf(response);
      if (response.body !== null) yield* eventsIn(response.body);
    },
    async postForText(path, body) {
      const response = await reach(fetchOver, apiUrl(path), jsonPost(body));
      if (!response.ok) throw await faultOf(response);
      return response.text();
    },
    remove: (path) => call(apiUrl(path), { method: 'DELETE', headers: csrf }),
    async graph(query, variables, signal) {
      const init = { ...jsonPost({ query, variables }), ...(signal === undefined ? {} : { signal }) };
      const response = await reach(fetchOver, '/graphql', init);
      const answer: unknown = await response.json().catch(() => null);
      if (typeof answer === 'object' && answer !== null) return answer;
      throw await faultOf(response);
    },
    session: () => call(apiUrl('/session'), {}),
    signOut: () => call(apiUrl('/session'), { method: 'DELETE' }),
    signIn(token) {
      const body = JSON.stringify({ token });
      const headers = { 'content-type': 'application/json' };
      return call(apiUrl('/session'), { method: 'POST', headers, body });
    },
  };
}

function jsonPost(body: object) {
  const headers = { 'content-type': 'application/json', ...csrf };
  return { method: 'POST', headers, body: JSON.stringify(body) };
}

async function reach(fetchOver: typeof fetch, url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetchOver(url, { ...init, credentials: 'same-origin', cache: 'no-store' });
  } catch (cause) {
    if (init.signal?.aborted === true) throw cause;
    throw new OpenFrameError('STORE_UNAVAILABLE', 'The server does not answer; trying again.', {
      retryable: true,
      details: unreachable,
      cause,
    });
  }
}

/** The problem that the server answered, as an error. */
async function faultOf(response: Response): Promise<OpenFrameError> {
  const problem: unknown = await response.json().catch(() => null);
  const { code, detail } = (problem ?? {}) as { code?: unknown; detail?: unknown };
  const message = typeof detail === 'string' ? detail : `The server answered ${response.status}.`;
  const { status } = response;
  // A proxy answers so for a server that it cannot reach.
  const away = status === 502 || status === 504;
  return new OpenFrameError(codeOf(code, status), message, {
    retryable: away || status === 503,
    details: away ? unreachable : { status },
  });
}

function codeOf(code: unknown, status: number): ErrorCode {
  const known = errorCodes.find((one) => one === code);
  if (known !== undefined) return known;
  if (status === 401) return 'TOKEN_INVALID';
  if (status === 403) return 'ROLE_NOT_ALLOWED';
  if (status === 404) return 'NOT_FOUND';
  return 'INTERNAL';
}

/** True where nothing of the server answered, so that all of the page is old. */
export function isAway(error: unknown): boolean {
  return error instanceof OpenFrameError && error.details['unreachable'] === true;
}

/** True where the cookie is missing, wrong or expired: the person signs in again. */
export function isSignedOut(error: unknown): boolean {
  return (
    error instanceof OpenFrameError && (error.code === 'TOKEN_INVALID' || error.code === 'TOKEN_EXPIRED')
  );
}

/** True where the role may not read this. */
export function isDenied(error: unknown): boolean {
  return error instanceof OpenFrameError && error.code === 'ROLE_NOT_ALLOWED';
}
