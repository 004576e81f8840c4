import { existsSync } from 'node:fs';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { freemem } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { Command } from 'commander';

import { messageOf } from '../contracts/errors.ts';
import { runningServer } from '../services/data-folder.ts';
import { checkEngines, describeFault } from '../services/engine-checks.ts';
import { createOperationsClient } from '../services/operations-client.ts';
import { readSettings, type Settings } from '../services/settings.ts';
import { dataDirOption, jsonOption, profileOption } from './options.ts';
import { exitCodes, printStyled } from './output.ts';

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do; empty where nothing is wrong. */
  readonly remedy: string;
}

const gibibyte = 1024 ** 3;
const leastNode = 24;
const leastFreeDisk = 2 * gibibyte;
const leastFreeMemory = 0.7 * gibibyte;

interface DoctorOptions {
  readonly dataDir: string;
  readonly profile?: string;
  readonly json?: boolean;
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('say what is missing on this machine, and how to mend it')
    .addOption(dataDirOption())
    .addOption(profileOption())
    .addOption(jsonOption())
    .action(async (options: DoctorOptions) => {
      const checks = await examine(options);
      printStyled(checks, options, () => checks.map(describe).join('\n'));
      if (checks.some((check) => !check.ok)) process.exitCode = exitCodes.failed;
    });
}

async function examine({ dataDir, profile }: DoctorOptions): Promise<Check[]> {
  const [settings, settingsCheck] = settingsOf(runningServer(dataDir)?.profile ?? profile);
  const distributed = settings?.OPENFRAME_PROFILE === 'distributed';
  return [
    nodeCheck(),
    settingsCheck,
    await writableCheck(dataDir),
    await diskCheck(dataDir),
    memoryCheck(),
    ...(settings === null ? [] : [await portCheck(dataDir, settings)]),
    dashboardCheck(),
    ...(distributed ? await engineChecks(settings) : [await duckDbCheck()]),
    ...(await pipelineChecks(dataDir)),
  ];
}

function nodeCheck(): Check {
  const major = Number(process.versions.node.split('.')[0]);
  const remedy = `Start through npm (npm start, npx openframe): it brings Node ${leastNode}.`;
  return check('Node', major >= leastNode, process.version, remedy);
}

function settingsOf(profile: string | undefined): [Settings | null, Check] {
  try {
    const settings = readSettings({ OPENFRAME_PROFILE: profile });
    return [settings, check('settings', true, `valid, ${settings.OPENFRAME_PROFILE} profile`, '')];
  } catch (error) {
    const remedy = 'Mend the OPENFRAME_* variables that it names.';
    return [null, check('settings', false, messageOf(error), remedy)];
  }
}

async function writableCheck(dataDir: string): Promise<Check> {
  const parent = existsSync(dataDir) ? dataDir : resolve(dataDir, '..');
  try {
    await rm(await mkdtemp(join(parent, '.doctor-')), { recursive: true });
    return check('data folder', true, resolve(dataDir), '');
  } catch (error) {
    return check(
      'data folder',
      false,
      messageOf(error),
      'Make it writable, or choose another with --data-dir.',
    );
  }
}

async function diskCheck(dataDir: string): Promise<Check> {
  const parent = existsSync(dataDir) ? dataDir : resolve(dataDir, '..');
  const { bavail, bsize } = await statfs(parent);
  const free = bavail * bsize;
  return check('disk', free >= leastFreeDisk, `${gib(free)} free`, `Free at least ${gib(leastFreeDisk)}.`);
}

function memoryCheck(): Check {
  const free = freemem();
  return check(
    'memory',
    free >= leastFreeMemory,
    `${gib(free)} free`,
    `Free at least ${gib(leastFreeMemory)}.`,
  );
}

async function portCheck(dataDir: string, settings: Settings): Promise<Check> {
  const server = runningServer(dataDir);
  if (server !== null) return check('port', true, `the server runs at ${server.url}`, '');
  const port = settings.OPENFRAME_PORT;
  const free = await new Promise<boolean>((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
  return check('port', free, free ? `${port} is free` : `${port} is taken`, 'Choose another with --port.');
}

function dashboardCheck(): Check {
  const index = fileURLToPath(new URL('../dist/dashboard/index.html', import.meta.url));
  return check(
    'dashboard',
    existsSync(index),
    existsSync(index) ? 'built' : 'not built',
    'Run: npm run prepare',
  );
}

async function duckDbCheck(): Promise<Check> {
  try {
    await import('../sinks/embedded/duckdb-file.ts');
    return check('DuckDB', true, 'loads', '');
  } catch (error) {
    return check('DuckDB', false, messageOf(error), 'Run npm ci again, with optional dependencies.');
  }
}

/** Each server of the distributed profile: whether it answers, why not, and what to do. */
async function engineChecks(settings: Settings): Promise<Check[]> {
  return (await checkEngines(settings)).map((found) => {
    const { product, nodes } = found.address;
    const state = found.fault === null ? `answers at ${nodes.join(', ')}` : found.fault;
    return check(product, found.fault === null, state, describeFault(found));
  });
}

/** What the running server says of its pipelines: one that stopped is named with its reason. */
async function pipelineChecks(dataDir: string): Promise<Check[]> {
  const server = runningServer(dataDir);
  if (server === null) return [];
  try {
    const pipelines = await createOperationsClient(server).pipelines();
    const remedy =
      'Look at the dead letters (openframe dead-letters list), mend what they name, start again.';
    return pipelines.map(({ name, state, reason }) =>
      check(name, state === 'running', reason ?? state, remedy),
    );
  } catch (error) {
    return [check('server', false, messageOf(error), 'It does not answer: stop it and start it again.')];
  }
}

function check(name: string, ok: boolean, found: string, remedy: string): Check {
  return { name, ok, found, remedy: ok ? '' : remedy };
}

function describe({ name, ok, found, remedy }: Check): string {
  const mark = ok ? styleText('green', '✓') : styleText('red', '✗');
  return `${mark} ${name.padEnd(18)} ${found}${remedy === '' ? '' : `\n    ${remedy}`}`;
}

function gib(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`;
}
