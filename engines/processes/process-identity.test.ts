import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';

import { identify, isRunning, memoryBytesOf, signalProcess } from './process-identity.ts';

it('knows a process by its start, not by its number alone', () => {
  const me = identify(process.pid);
  expect(me).not.toBeNull();
  if (me === null) return;
  expect(isRunning(me)).toBe(true);
  expect(memoryBytesOf(me)).toBeGreaterThan(10 << 20);
  const earlier = { ...me, started: `${me.started} before` };
  expect(isRunning(earlier)).toBe(false);
  expect(signalProcess(earlier, 'SIGKILL')).toBe(false);
});

it('sees that a process has ended', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const identity = identify(child.pid ?? 0);
  expect(identity).not.toBeNull();
  if (identity === null) return;
  const exited = once(child, 'exit');
  expect(signalProcess(identity, 'SIGKILL')).toBe(true);
  await exited;
  expect(isRunning(identity)).toBe(false);
  expect(identify(identity.pid)).toBeNull();
});
