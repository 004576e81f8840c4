import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** How a peer's program is started, and how long it runs. */
export interface PeerProgram {
  /** What is given before brokers and prefix. */
  readonly command: readonly string[];
  /** What is given behind them, fresh for each run; `folder` is empty. */
  readonly more: (folder: string, events: number) => readonly string[];
  /** What is given instead to run without end, with as little delay as an expert of it would ask for. */
  readonly steady: (folder: string) => readonly string[];
  /** It ends by itself once it has written everything; else it is ended then. */
  readonly endsByItself: boolean;
}

export type PeerName = (typeof peerNames)[number];
/** Those that run at a constant rate: Flink's outputs come once a checkpoint. */
export const steadyPeerNames = ['openframe', 'go', 'kafka-streams', 'kafka-streams-exactly-once'] as const;
export type SteadyPeerName = (typeof steadyPeerNames)[number];

export const peerNames = [
  'openframe',
  'go',
  'kafka-streams',
  'kafka-streams-exactly-once',
  'flink',
  'flink-exactly-once',
] as const;

/** Events that no run brings. */
const endless = String(2 ** 40);
const buildTimeoutMs = 900_000;
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const java = ['java', '-Xms512m', '-Xmx2g', '-XX:+UseG1GC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'];
/** Flink reflects on these (its own start scripts open them as well). */
const flinkOpens = ['util', 'lang', 'time'].map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`);

/** Builds a peer's program into `folder`: Go and Maven fetch what it needs. */
export async function buildPeer(
  name: PeerName,
  folder: string,
  nodeArguments: readonly string[],
): Promise<PeerProgram> {
  switch (name) {
    case 'openframe':
      return {
        command: [process.execPath, ...process.execArgv, ...nodeArguments, here('openframe-peer.js')],
        more: (_folder, events) => [String(events)],
        steady: () => [endless],
        endsByItself: true,
      };
    case 'go': {
      const program = join(folder, 'go-peer');
      await run('go', ['build', '-o', program, '.'], here('go'));
      return {
        command: [program],
        more: (_folder, events) => [String(events)],
        steady: () => [endless, 'steady'],
        endsByItself: true,
      };
    }
    case 'kafka-streams':
      return kafkaStreams(folder, 'at_least_once');
    case 'kafka-streams-exactly-once':
      return kafkaStreams(folder, 'exactly_once_v2');
    case 'flink':
      return flink(folder, 'at_least_once');
    case 'flink-exactly-once':
      return flink(folder, 'exactly_once');
  }
}

async function kafkaStreams(folder: string, guarantee: string): Promise<PeerProgram> {
  const classPath = await buildJava('kafka-streams', 'KafkaStreamsPeer', folder);
  return {
    command: [...java, '-cp', classPath, 'KafkaStreamsPeer'],
    more: (state) => [guarantee, state],
    steady: (state) => [guarantee, state, 'steady'],
    endsByItself: false,
  };
}

async function flink(folder: string, guarantee: string): Promise<PeerProgram> {
  const classPath = await buildJava('flink', 'FlinkPeer', folder);
  return {
    command: [...java, ...flinkOpens, '-cp', classPath, 'FlinkPeer'],
    more: (checkpoints) => [guarantee, checkpoints],
    steady: (checkpoints) => [guarantee, checkpoints],
    endsByItself: false,
  };
}

async function buildJava(source: string, main: string, folder: string): Promise<string> {
  const [libraries, classes] = [join(folder, `${source}-libraries`), join(folder, `${source}-classes`)];
  await mkdir(classes, { recursive: true });
  await run(
    'mvn',
    ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${libraries}`],
    here(source),
  );
  await run('javac', ['-cp', join(libraries, '*'), '-d', classes, `${main}.java`], here(source));
  return `${join(libraries, '*')}:${classes}`;
}

async function run(program: string, args: readonly string[], folder: string): Promise<void> {
  await promisify(execFile)(program, args, { cwd: folder, timeout: buildTimeoutMs });
}
