import { describe, expect, it } from 'vitest';

import { createManualClock } from '../streams/clock.ts';
import { createFleetReader } from './fleet/reader.ts';
import { startToolServer } from './tool-server.fixture.ts';
import type { ReaderOptions } from './tool-reader.ts';

const clock = createManualClock(Date.parse('2026-11-22T12:00:00Z'));
const signal = new AbortController().signal;

async function checkOf(options: Partial<ReaderOptions>): Promise<unknown> {
  try {
    await using reader = createFleetReader({ url: '', user: '', secret: 's', sinceMs: 0, ...options }, clock);
    return await reader.check(signal);
  } catch (error) {
    return error;
  }
}

describe('a tool’s REST API', () => {
  it.each([
    [
      { status: 401 },
      { code: 'TOOL_REFUSED', message: /does not let us in \(401\): the API token is wrong/ },
    ],
    [{ status: 403 }, { code: 'TOOL_REFUSED', message: /\(403\): the user needs a global role/ }],
    [{ status: 404 }, { code: 'TOOL_REFUSED', message: /no such thing as \/api\/v1\/fleet\/me \(404\)/ }],
    [
      { status: 302, headers: { location: 'https://elsewhere.example' } },
      { code: 'TOOL_REFUSED', message: /It sends us elsewhere/ },
    ],
    [
      { status: 429, headers: { 'retry-after': '17' } },
      { code: 'TOOL_UNAVAILABLE', retryable: true, details: { retryAfterMs: 17_000 } },
    ],
    [
      { status: 503, headers: { 'retry-after': 'Sun, 22 Nov 2026 12:01:00 GMT' } },
      { code: 'TOOL_UNAVAILABLE', retryable: true, details: { retryAfterMs: 60_000 } },
    ],
    [{ status: 500 }, { code: 'TOOL_UNAVAILABLE', retryable: true, details: {} }],
    [
      { status: 200, body: '<html>' },
      { code: 'TOOL_UNAVAILABLE', message: /what is no JSON/ },
    ],
    [
      { status: 200, body: '{"user":7}' },
      { code: 'TOOL_UNAVAILABLE', message: /something else than it documents/ },
    ],
    [
      { status: 200, body: '['.repeat(200_000) },
      { code: 'TOOL_UNAVAILABLE', retryable: true },
    ],
    [{ cutAfterBytes: 5 }, { code: 'TOOL_UNAVAILABLE', retryable: true }],
  ])('says what %j means', async (fault, expected) => {
    await using server = await startToolServer(() => ({ user: { email: 'a' } }));
    server.faults.push(fault);
    const { message, ...rest } = expected as { readonly message?: RegExp };
    const error = await checkOf({ url: server.url });
    expect(error).toMatchObject(rest);
    if (message !== undefined) expect(String(error)).toMatch(message);
  });

  it('takes no answer above 32 MiB', async () => {
    await using server = await startToolServer(() => 404);
    server.faults.push({ status: 200, body: `{"user":"${'x'.repeat(33 << 20)}"}` });
    const error = await checkOf({ url: server.url });
    expect(error).toMatchObject({ code: 'TOOL_UNAVAILABLE', retryable: true });
    expect(String(error)).toMatch(/too large/);
  });

  it.each([
    ['http://192.0.2.1', /unencrypted/],
    ['ftp://127.0.0.1', /unencrypted or nowhere/],
    ['https://u:p@127.0.0.1', /must not hold a password/],
    ['fleet.example.com', /is no address/],
  ])('refuses the address %s', async (url, message) => {
    const error = await checkOf({ url });
    expect(error).toMatchObject({ code: 'ARGUMENT_INVALID' });
    expect(String(error)).toMatch(message);
  });

  it('says that nothing listens, and that TLS is not spoken', async () => {
    await using server = await startToolServer(() => 404);
    expect(String(await checkOf({ url: server.url.replace('http:', 'https:') }))).toMatch(
      /does not speak TLS/,
    );
    expect(String(await checkOf({ url: 'http://127.0.0.1:1' }))).toMatch(/nothing listens there/);
  });
});
