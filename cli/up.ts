import { styleText } from 'node:util';
import { Command, Option } from 'commander';

import type { Platform, PlatformOptions } from '../services/platform.ts';
import { readSettings } from '../services/settings.ts';
import { createSystemClock } from '../streams/clock.ts';
import { dataDirOption, jsonOption, profileOption } from './options.ts';
import { note, printStyled } from './output.ts';

interface UpOptions {
  readonly port?: string;
  readonly dataDir: string;
  readonly profile?: string;
  readonly agent: boolean;
  readonly wait: boolean;
  readonly json?: boolean;
}

/** So long the engines may take to be there: about twice what they take to start. */
const engineWaitMs = 60_000;

export function upCommand(): Command {
  return new Command('up')
    .description('start the platform: everything for the profile, on this machine')
    .addOption(new Option('--port <port>', 'HTTP port; 0 takes a free one').env('OPENFRAME_PORT'))
    .addOption(dataDirOption())
    .addOption(profileOption())
    .option('--no-agent', "without this machine's own telemetry")
    .option('--no-wait', 'distributed: end at once where an engine does not answer')
    .addOption(jsonOption())
    .action(async (options: UpOptions) => {
      const settings = readSettings({
        OPENFRAME_PORT: options.port,
        OPENFRAME_DATA_DIR: options.dataDir,
        OPENFRAME_PROFILE: options.profile,
      });
      const stopping = stopSignal();
      const startedMs = performance.now();
      const clock = createSystemClock();
      await using platform = await start(
        { settings, clock, agent: options.agent, onFault: note },
        options.wait,
      );
      const { url, adminToken: token } = platform;
      const signIn = `${url}/#token=${token}`;
      const readyMs = Math.round(performance.now() - startedMs);
      printStyled({ url, signIn, token, readyMs }, options, () => banner(url, signIn, readyMs));
      await stopping;
      note('Stopping: what is under way is finished first.');
    });
}

/** Loads what the profile needs and not the other one's. */
async function start(options: PlatformOptions, wait: boolean): Promise<Platform> {
  if (options.settings.OPENFRAME_PROFILE === 'embedded') {
    const { startPlatform } = await import('../services/platform.ts');
    return startPlatform(options);
  }
  const { startDistributedPlatform } = await import('../services/distributed-platform.ts');
  const program = process.argv[1] ?? '';
  return startDistributedPlatform({ ...options, program, waitMs: wait ? engineWaitMs : 0 });
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
