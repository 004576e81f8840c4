import { Command } from 'commander';

import { tenantIdSchema } from '../contracts/tenant.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import { runningServer } from '../services/data-folder.ts';
import { mintToken } from '../services/mint-token.ts';
import { simulatedOrganizations } from '../simulator/fleet.ts';
import { simulate, type SimulateReport } from '../simulator/simulate.ts';
import type { SiteCut } from '../simulator/site-cut.ts';
import { createSystemClock } from '../streams/clock.ts';
import { dataDirOption, parseDuration, parseShare, parseTime, wholeNumber } from './options.ts';
import { createProgress } from './progress.ts';

interface SimulateCommandOptions {
  readonly agents: number;
  readonly rate: number;
  readonly seed: number;
  readonly start?: number;
  readonly duration: number;
  readonly duplicates: number;
  readonly late: number;
  readonly burst: number;
  readonly tenants: number;
  readonly linger: number;
  readonly dropRefused?: boolean;
  readonly cutSite?: string;
  readonly cutAt: number;
  readonly cutFor: number;
  readonly server?: string;
  readonly token?: string;
  readonly dataDir: string;
}

export function simulateCommand(): Command {
  return new Command('simulate')
    .description('a reproducible fleet, through the same door as real agents; prints what it sent, as JSON')
    .requiredOption('--agents <n>', 'how many agents', wholeNumber(1))
    .requiredOption('--rate <events>', 'events a second, all agents together', wholeNumber(1))
    .option('--seed <n>', 'equal seeds send equal fleets', wholeNumber(0), 1)
    .option(
      '--start <time>',
      'replay: events of a run that began then, by id and time; equal seeds and starts send equal events',
      parseTime,
    )
    .option('--duration <duration>', 'how long', parseDuration, 60_000)
    .option('--duplicates <share>', 'share of events that are sent twice', parseShare, 0)
    .option('--late <share>', 'share of events that are two hours old', parseShare, 0)
    .option('--burst <times>', 'offer so many times more in every fifth second', wholeNumber(1), 1)
    .option('--tenants <n>', 'spread the agents over so many tenants (sim-1, sim-2, …)', wholeNumber(1), 1)
    .option(
      '--linger <duration>',
      'how long events of a tenant wait to go in one request',
      parseDuration,
      250,
    )
    .option('--drop-refused', "give up what is over the tenant's quota instead of sending it again")
    .option('--cut-site <organization>', 'its agents send nothing for a time: org-1 to org-5')
    .option('--cut-at <duration>', 'how long after the start the site is cut', parseDuration, 60_000)
    .option('--cut-for <duration>', 'for how long', parseDuration, 60_000)
    .option('--server <url>', 'the server; without it, the one that runs on the data folder')
    .option('--token <token>', "an agents' token; without it, tokens are made in the data folder")
    .addOption(dataDirOption())
    .option('--json', 'the report is JSON in any case')
    .action(async (options: SimulateCommandOptions) => {
      const report = await run(options);
      process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    });
}

async function run(options: SimulateCommandOptions): Promise<SimulateReport> {
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  using progress = createProgress('simulating', options.duration);
  return await simulate({
    serverUrl: serverOf(options),
    tokens: await tokensOf(options),
    agents: options.agents,
    ratePerSecond: options.rate,
    durationMs: options.duration,
    seed: options.seed,
    ...(options.start === undefined ? {} : { startMs: options.start }),
    duplicates: options.duplicates,
    late: options.late,
    burst: options.burst,
    lingerMs: options.linger,
    dropRefused: options.dropRefused ?? false,
    ...(options.cutSite === undefined ? {} : { cut: cutOf(options, options.cutSite) }),
    clock: createSystemClock(),
    signal: stopping.signal,
    onProgress: ({ elapsedMs, offered, accepted }) =>
      progress.update(elapsedMs, `${offered} offered, ${accepted} accepted`),
  });
}

function cutOf({ cutAt, cutFor }: SimulateCommandOptions, organizationId: string): SiteCut {
  if (simulatedOrganizations.includes(organizationId))
    return { organizationId, afterMs: cutAt, forMs: cutFor };
  throw new OpenFrameError(
    'ARGUMENT_INVALID',
    `--cut-site ${organizationId}: the simulated fleet has no such site. Give one of ${simulatedOrganizations.join(', ')}.`,
  );
}

function serverOf(options: SimulateCommandOptions): string {
  const url = options.server ?? runningServer(options.dataDir)?.url;
  if (url !== undefined) return url;
  throw new OpenFrameError(
    'ARGUMENT_INVALID',
    `No server runs on the data folder ${options.dataDir}. Start one (npm start), or give --server and --token.`,
  );
}

async function tokensOf(options: SimulateCommandOptions): Promise<Map<string, string>> {
  if (options.token !== undefined) return new Map([['default', options.token]]);
  const tokens = new Map<string, string>();
  for (let i = 1; i <= options.tenants; i++) {
    const tenantId = tenantIdSchema.parse(options.tenants === 1 ? 'default' : `sim-${i}`);
    const { token } = await mintToken(options.dataDir, { tenantId, role: 'agent', ttlMs: 86_400_000 });
    tokens.set(tenantId, token);
  }
  return tokens;
}
