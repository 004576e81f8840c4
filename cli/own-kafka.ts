import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';

import { usualCacheDir } from '../engines/options.ts';
import { startEngines } from '../engines/start-engines.ts';
import { createSystemClock } from '../streams/clock.ts';
import { exitCodes } from './output.ts';

export interface KafkaForBenchmark {
  readonly brokers?: string;
  readonly cacheDir: string;
  readonly javaHome?: string;
}

/** The options that say on which Kafka a benchmark runs. */
export function withKafkaOptions(command: Command): Command {
  return command
    .option('--brokers <list>', 'Kafka that runs already; without it one of its own is started')
    .addOption(
      new Option('--cache-dir <folder>', 'where fetched engines are kept')
        .default(usualCacheDir())
        .env('OPENFRAME_ENGINES_CACHE_DIR'),
    )
    .addOption(new Option('--java-home <folder>', 'the JDK that Kafka runs on').env('JAVA_HOME'));
}

/** The brokers that were given, or those of a Kafka of its own, which the stack ends; Ctrl-C ends all of the stack. */
export async function kafkaFor(options: KafkaForBenchmark, stack: AsyncDisposableStack): Promise<string> {
  const exit = (): void => process.exit(exitCodes.failed);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stack.disposeAsync().then(exit, exit);
    });
  }
  if (options.brokers !== undefined) return options.brokers;
  const dataDir = await mkdtemp(join(tmpdir(), 'openframe-peers-kafka-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const engines = await startEngines({
    dataDir,
    cacheDir: options.cacheDir,
    ...(options.javaHome === undefined ? {} : { javaHome: options.javaHome }),
    clock: createSystemClock(),
    only: ['kafka'],
    ports: 'free',
  });
  stack.use(engines);
  return engines.addresses.OPENFRAME_KAFKA_BROKERS ?? '';
}
