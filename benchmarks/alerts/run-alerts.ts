import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { mintToken } from '../../tests/support/platform-process.ts';
import { machine } from '../machine.ts';
import type { Quantiles } from '../run/histograms.ts';
import { type Phase, quantilesBetween, runPhase, untilDrained } from '../run/phase.ts';
import { type PlatformUnderLoad, startPlatformUnderLoad } from '../run/platform-under-load.ts';
import { residentMbOf } from '../run/processes.ts';
import { loadProfiles } from '../run/profiles.ts';
import { writeResult } from '../write-result.ts';
import { scoringCost } from './scoring-cost.ts';
import { sendStorm, stormTenants } from './storm.ts';

/*
 * From an event to its scored alert under a load, before, while and after thousands of series begin to fire at once, on
 * the embedded engines: one platform process, one generator process. And what scoring costs, alone and in memory.
 *
 *   node --expose-gc benchmarks/alerts/run-alerts.ts --rate 20000 --seconds 60 --series 100000 --out benchmarks/results/alerts.json
 */
const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '8' },
    agents: { type: 'string', default: '1000' },
    tenants: { type: 'string', default: '50' },
    series: { type: 'string', default: '10000' },
    out: { type: 'string' },
  },
});

/** An event's alert is scored within that, of 99 of 100. */
const goalMs = 500;
/** The generator may be behind by so much before a run says nothing about the platform. */
const maxBehindMs = 1_000;
const load = {
  ...loadProfiles['small-msp'],
  ...{ agents: Number(values.agents), tenants: Number(values.tenants), ratePerSecond: Number(values.rate) },
};
const durationMs = Number(values.seconds) * 1_000;

interface Stretch {
  readonly name: string;
  /** From acceptance to the commit of each of these, of all events alike. */
  readonly latencyMs: Readonly<Record<string, Quantiles | undefined>>;
  readonly residentMb: number;
  readonly generatorBehindMs: number;
}

async function stretch(platform: PlatformUnderLoad, name: string, seed: number): Promise<Stretch> {
  const phase = await runPhase(platform, { load, seed, durationMs, onSample: () => {} });
  const residentMb = Math.round(await residentMbOf(await platform.roles()));
  process.stderr.write(`${name}: ${residentMb} MB\n`);
  return { name, latencyMs: latenciesOf(phase), residentMb, generatorBehindMs: phase.fleet.behindMs };
}

/** Of what is told of as events go: scored alerts, alerts that can be read, and events that can. */
function latenciesOf({ before, after }: Phase): Stretch['latencyMs'] {
  const of = quantilesBetween(before.pipelines, after.pipelines, 'sinceAcceptance');
  return { scored: of['alerts'], 'alert-store': of['alert-store'], 'event-log': of['event-log'] };
}

async function measure(): Promise<{ readonly stretches: readonly Stretch[]; readonly stormSeconds: number }> {
  await using platform = await startPlatformUnderLoad('embedded');
  const storm = await Promise.all(
    stormTenants(Number(values.series)).map(async (tenant) => {
      return { tenant, token: await mintToken(platform.folder, 'agent', tenant.tenantId) };
    }),
  );
  await stretch(platform, 'warm-up', 1);
  const quiet = await stretch(platform, 'quiet', 2);
  const storming = stretch(platform, 'while they begin to fire', 3);
  await pause(Math.min(2_000, durationMs / 4));
  const startedMs = Date.now();
  for (const { tenant, token } of storm) await sendStorm(platform.url, token, tenant);
  const stormSeconds = (Date.now() - startedMs) / 1_000;
  const during = await storming;
  await untilDrained(platform);
  return { stretches: [quiet, during, await stretch(platform, 'while all fire', 4)], stormSeconds };
}

const cost = await scoringCost(Number(values.series));
const { stretches, stormSeconds } = await measure();
const valid = stretches.every(({ generatorBehindMs }) => generatorBehindMs <= maxBehindMs);
const [quiet, , firing] = stretches;
const p99 = (of: Stretch | undefined, name: string): number => of?.latencyMs[name]?.p99 ?? Number.NaN;
writeResult(
  {
    command: `node --expose-gc benchmarks/alerts/run-alerts.ts ${process.argv.slice(2).join(' ')}`,
    machine: machine(),
    loadAverage: loadavg()[0],
    options: values,
    verdict: valid ? 'VALID' : 'INVALID',
    goal: { scoredP99Ms: goalMs, kept: p99(quiet, 'scored') <= goalMs && p99(firing, 'scored') <= goalMs },
    cost,
    stormSeconds,
    /** Of an event's way beside the alerts: its p99 while all fire over that while none of them does. */
    othersP99Ratio: p99(firing, 'event-log') / p99(quiet, 'event-log'),
    stretches,
  },
  values.out,
);
process.exitCode = valid ? 0 : 3;
