import { Agent, type Dispatcher, request } from 'undici';

import { OpenFrameError } from '../contracts/errors.ts';
import { parseRetryAfter } from '../contracts/retry-after.ts';
import { trusting } from './trust.ts';
import { connectionFault, toolRefused, toolUnavailable } from './tool-faults.ts';
import { checkedAddress } from './tool-address.ts';

export interface ToolHttpOptions {
  /** The tool's name, for messages. */
  readonly tool: string;
  readonly url: string;
  readonly ca?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** What 401 and 403 mean, and what to do. */
  readonly unauthorised: string;
  readonly forbidden: string;
  readonly nowMs: () => number;
}

/** A tool's REST API. */
export interface ToolHttp extends AsyncDisposable {
  /** The answer's JSON, as unchecked as it came; at most 32 MiB, within two minutes. Throws what `ToolReader` says. */
  json(
    method: 'GET' | 'PATCH',
    path: string,
    options: { readonly body?: object; readonly signal: AbortSignal },
  ): Promise<unknown>;
}

const maxResponseSize = 32 * 1024 * 1024;
const silenceMs = 30_000;
const wholeAnswerMs = 120_000;

export function createToolHttp(options: ToolHttpOptions): ToolHttp {
  const { tool } = options;
  const base = checkedAddress(options.url, 'https:');
  const dispatcher = new Agent({
    maxResponseSize,
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
    connect: trusting(options.ca),
  });
  const where = `${tool} at ${base.origin}`;
  return {
    async json(method, path, { body, signal }) {
      const url = new URL(`${base.pathname.replace(/\/+$/, '')}${path}`, base);
      try {
        const response = await request(url, {
          dispatcher,
          method,
          signal: AbortSignal.any([signal, AbortSignal.timeout(wholeAnswerMs)]),
          headers: {
            accept: 'application/json',
            ...options.headers,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          body: body === undefined ? null : JSON.stringify(body),
        });
        const text = await response.body.text();
        checkStatus(options, where, url, response);
        return parsed(where, text);
      } catch (error) {
        throw connectionFault(where, error);
      }
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

function checkStatus(
  { unauthorised, forbidden, nowMs }: ToolHttpOptions,
  where: string,
  url: URL,
  { statusCode, headers }: Dispatcher.ResponseData,
): void {
  if (statusCode >= 200 && statusCode < 300) return;
  if (statusCode === 401) throw toolRefused(`${where} does not let us in (401): ${unauthorised}`);
  if (statusCode === 403) throw toolRefused(`${where} does not answer that to us (403): ${forbidden}`);
  if (statusCode === 429 || statusCode === 408 || statusCode >= 500) {
    const after = headers['retry-after'];
    const retryAfterMs = parseRetryAfter(Array.isArray(after) ? after[0] : after, nowMs());
    throw toolUnavailable(`${where} cannot answer now (${statusCode}).`, { retryAfterMs });
  }
  const to = statusCode < 400 ? ' It sends us elsewhere: give the address that answers itself.' : '';
  const message = `${where} has no such thing as ${url.pathname} (${statusCode}): check the address.${to}`;
  throw new OpenFrameError('TOOL_REFUSED', message, { details: { status: statusCode } });
}

function parsed(where: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw toolUnavailable(
      `${where} answered what is no JSON: check the address, it may be another program's.`,
      {
        cause,
      },
    );
  }
}
