import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

const program = (rejected: string): string => `
  import { createRequire } from 'node:module';
  import { outliveControlConnection } from ${JSON.stringify(new URL('driver-rejections.ts', import.meta.url))};
  outliveControlConnection((message) => console.log(message));
  const require = createRequire(${JSON.stringify(import.meta.url)});
  const ControlConnection = require('cassandra-driver/lib/control-connection.js');
  const renewed = async () => ControlConnection.prototype._setHealthListeners({ once() {} }, null);
  void ${rejected};
  setTimeout(() => console.log('it goes on'), 20);
`;

async function run(rejected: string): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program(rejected)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, out, err };
}

it('outlives a control connection to Cassandra that was renewed twice at once, and says so', async () => {
  const { code, out, err } = await run('renewed()');
  expect(err).toBe('');
  expect(out).toMatch(/renewed its control connection twice[^]*it goes on/);
  expect(code).toBe(0);
});

it.each(["Promise.reject(new TypeError('of ours'))", "Promise.reject('no error')"])(
  'ends by another rejection that nobody handles: %s',
  async (rejected) => {
    const { code, out } = await run(rejected);
    expect(out).toBe('');
    expect(code).not.toBe(0);
  },
);
