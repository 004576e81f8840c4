import { join } from 'node:path';
import { expect, it } from 'vitest';

import { knownBad, root, runTool } from './run-tool.ts';

it('refuses a dead export and a dead file, and nothing that is used', async () => {
  const args = ['--config', join(root, 'knip.json'), '--reporter', 'json'];
  const run = await runTool('knip/bin/knip.js', args, join(knownBad, 'dead-export'));
  expect(run.exitCode).toBe(1);
  const named = [...run.stdout.matchAll(/"(?:name|file)":\s*"([^"]+)"/g)].map(([, name]) => name);
  expect(new Set(named)).toEqual(
    new Set(['nobodyCallsMe', 'streams/rate.ts', 'streams/nobody-imports-me.ts']),
  );
});
