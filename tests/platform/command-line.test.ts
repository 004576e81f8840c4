import { describe, expect, it } from 'vitest';

import { createProgram } from '../../cli/program.ts';
import { runCli } from '../support/platform-process.ts';
import { createTempFolder } from '../support/temp-folder.ts';

describe('openframe', () => {
  it('ends with 2 on wrong usage and says what is right', async () => {
    const unknown = await runCli(['simulate', '--agents', 'many', '--rate', '10']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('Give a whole number');
    expect((await runCli(['token', '--tenant', 'acme', '--role', 'king'])).code).toBe(2);
    expect((await runCli(['nonsense'])).code).toBe(2);
  });

  it('prints a token alone on the last line, for a tenant that it creates', async () => {
    await using folder = await createTempFolder();
    const made = await runCli(['token', '--tenant', 'acme', '--role', 'analyst', '--data-dir', folder.path]);
    expect(made.stdout).toMatch(/^of_[\w-]{43}\n$/);
    const wrong = await runCli([
      'token',
      '--tenant',
      'Acme GmbH',
      '--role',
      'analyst',
      '--data-dir',
      folder.path,
    ]);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('ARGUMENT_INVALID');
  });

  it('draws the topologies and finds nothing wrong with them', async () => {
    const graph = await runCli(['topology', 'graph', 'telemetry']);
    expect(graph.stdout).toContain('flowchart LR');
    expect(graph.stdout).toContain('telemetry.marks.v1');
    const lint = await runCli(['topology', 'lint', '--json']);
    const topologies = ['relay', 'tools', 'place', 'telemetry', 'presence', 'detect', 'alerts'];
    expect(JSON.parse(lint.stdout)).toEqual({ topologies, faults: [] });
    expect((await runCli(['topology', 'lint', 'nothing'])).code).toBe(1);
  });

  it('explains every command and offers --json on each', async () => {
    const program = await createProgram();
    const commands = program.commands.flatMap((c) => (c.commands.length > 0 ? c.commands : [c]));
    expect(commands.length).toBeGreaterThanOrEqual(13);
    for (const command of commands) {
      expect(command.description(), command.name()).not.toBe('');
      expect(
        command.options.map((o) => o.long),
        command.name(),
      ).toContain('--json');
    }
  });
});
