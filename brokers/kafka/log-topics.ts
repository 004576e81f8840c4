import { OpenFrameError } from '../../contracts/errors.ts';
import type { TopicDeclaration } from '../log.ts';
import { type KafkaClient, type Place, topicConfig } from './client.ts';

export interface LogTopicsOptions {
  readonly client: KafkaClient;
  readonly prefix: string;
  readonly replication: number;
}

/** The topics behind the prefix: their names on the brokers, and how many partitions each has. */
export class LogTopics {
  readonly #options: LogTopicsOptions;
  #partitions = new Map<string, number>();

  constructor(options: LogTopicsOptions) {
    this.#options = options;
  }

  /** Asks the brokers what there is. */
  async refresh(): Promise<void> {
    const { client, prefix } = this.#options;
    const topics = await client.topics(prefix);
    this.#partitions = new Map(topics.map(({ name, partitions }) => [name.slice(prefix.length), partitions]));
  }

  async declare(declarations: readonly TopicDeclaration[]): Promise<void> {
    await this.refresh();
    for (const declaration of declarations) this.#checkPartitions(declaration);
    for (const declaration of declarations) await this.#declareOne(declaration);
    await this.refresh();
    for (const declaration of declarations) this.#checkPartitions(declaration);
  }

  nameOf(topic: string): string {
    return this.#options.prefix + topic;
  }

  has(topic: string): boolean {
    return this.#partitions.has(topic);
  }

  /** Throws `ARGUMENT_INVALID` for a topic that does not exist. */
  partitionCount(topic: string): number {
    const partitions = this.#partitions.get(topic);
    if (partitions !== undefined) return partitions;
    throw new OpenFrameError('ARGUMENT_INVALID', `Topic ${topic} was not declared: declare it first.`);
  }

  /** A partition by its name on the brokers; `ARGUMENT_INVALID` where it does not exist. */
  place(topic: string, partition: number): Place {
    const partitions = this.partitionCount(topic);
    if (Number.isInteger(partition) && partition >= 0 && partition < partitions) {
      return { topic: this.nameOf(topic), partition };
    }
    const message = `Topic ${topic} has partitions 0 to ${partitions - 1}, not ${partition}.`;
    throw new OpenFrameError('ARGUMENT_INVALID', message);
  }

  places(topic: string): Place[] {
    const count = this.#partitions.get(topic) ?? 0;
    return Array.from({ length: count }, (_, partition) => ({ topic: this.nameOf(topic), partition }));
  }

  #checkPartitions({ name, partitions, foreign }: TopicDeclaration): void {
    const found = this.#partitions.get(name);
    if (foreign === true && found !== undefined) return;
    if (!Number.isInteger(partitions) || partitions < 1) {
      throw new OpenFrameError('ARGUMENT_INVALID', `Topic ${name} needs at least one partition.`);
    }
    if (found === undefined || found === partitions) return;
    const message =
      `Topic ${this.nameOf(name)} has ${found} partitions on the brokers, not ${partitions}: set the number of ` +
      `partitions to ${found}, or begin anew under another name prefix.`;
    const details = { topic: this.nameOf(name), found, declared: partitions };
    throw new OpenFrameError('ARGUMENT_INVALID', message, { details });
  }

  async #declareOne(declaration: TopicDeclaration): Promise<void> {
    const { client, replication } = this.#options;
    const name = this.nameOf(declaration.name);
    const config = topicConfig(declaration, client);
    if (!this.has(declaration.name)) {
      const { partitions } = declaration;
      await client.createTopic({ name, partitions, replication, config });
      return;
    }
    if (declaration.foreign === true) return;
    const current = await client.topicConfig(name, Object.keys(config));
    this.#checkCleanup(declaration, current['cleanup.policy']);
    const differs = Object.entries(config).some(([key, value]) => current[key] !== value);
    if (differs) await client.alterTopicConfig(name, config);
  }

  #checkCleanup({ name, cleanup }: TopicDeclaration, found: string | undefined): void {
    if (found === undefined || found === cleanup) return;
    const message = `Topic ${this.nameOf(name)} has cleanup ${found}, not ${cleanup}: declare a new topic.`;
    throw new OpenFrameError('ARGUMENT_INVALID', message);
  }
}
