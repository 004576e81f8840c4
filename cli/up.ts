import { styleText } from 'node:util';
import { Command, Option } from 'commander';

import { startPlatform } from '../services/platform.ts';
import { readSettings } from '../services/settings.ts';
import { createSystemClock } from '../streams/clock.ts';
import { dataDirOption, jsonOption } from './options.ts';
import { note, printResult } from './output.ts';

interface UpOptions {
  readonly port?: string;
  readonly dataDir: string;
  readonly profile?: string;
  readonly agent: boolean;
  readonly json?: boolean;
}

export function upCommand(): Command {
  return new Command('up')
    .description('start the platform: everything for the profile, in one process')
    .addOption(new Option('--port <port>', 'HTTP port; 0 takes a free one').env('OPENFRAME_PORT'))
    .addOption(dataDirOption())
    .addOption(new Option('--profile <profile>', 'which engines to run on').choices(['embedded']))
    .option('--no-agent', "without this machine's own telemetry")
    .addOption(jsonOption())
    .action(async (options: UpOptions) => {
      const settings = readSettings({
        OPENFRAME_PORT: options.port,
        OPENFRAME_DATA_DIR: options.dataDir,
        OPENFRAME_PROFILE: options.profile,
      });
      const stopping = stopSignal();
      const startedMs = performance.now();
      await using platform = await startPlatform({
        settings,
        clock: createSystemClock(),
        agent: options.agent,
        onFault: note,
      });
      const { url, adminToken: token } = platform;
      const signIn = `${url}/#token=${token}`;
      const readyMs = Math.round(performance.now() - startedMs);
      printResult({ url, signIn, token, readyMs }, options, () => banner(url, signIn, readyMs));
      await stopping;
      note('Stopping: what is under way is finished first.');
    });
}

function banner(url: string, signIn: string, readyMs: number): string {
  return [
    '',
    `  ${styleText('bold', 'OpenFrame')} is ready (${readyMs} ms)`,
    '',
    `  Dashboard   ${styleText('cyan', url)}`,
    `  Sign in     ${styleText('cyan', signIn)}`,
    `  Stop        Ctrl-C`,
    '',
  ].join('\n');
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (): void => {
      if (asked) process.exit(1);
      asked = true;
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
