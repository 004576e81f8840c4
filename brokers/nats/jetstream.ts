import {
  type ConsumerConfig,
  type ConsumerInfo,
  type JetStreamManager,
  jetstreamManager,
  type StreamConfig,
  type StreamInfo,
  type StreamUpdateConfig,
} from '@nats-io/jetstream';

import { apiCodeOf, apiCodes } from './faults.ts';
import type { NatsLink } from './link.ts';

/** JetStream's API on one connection. Every call throws what `natsFault` makes of its fault. */
export class JetStream {
  readonly #link: NatsLink;
  readonly #manager: JetStreamManager;

  static async open(link: NatsLink): Promise<JetStream> {
    const timeout = link.requestTimeoutMs;
    const manager = await link.api('Asking for JetStream', () => jetstreamManager(link.nc, { timeout }));
    return new JetStream(link, manager);
  }

  private constructor(link: NatsLink, manager: JetStreamManager) {
    this.#link = link;
    this.#manager = manager;
  }

  /** Undefined where there is none. */
  streamInfo(stream: string): Promise<StreamInfo | undefined> {
    return this.#link.api(`Reading the stream ${stream}`, () =>
      orUndefined(apiCodes.streamNotFound, this.#manager.streams.info(stream)),
    );
  }

  addStream(config: Partial<StreamConfig> & { readonly name: string }): Promise<StreamInfo> {
    return this.#link.api(`Creating the stream ${config.name}`, () => this.#manager.streams.add(config));
  }

  updateStream(stream: string, config: Partial<StreamUpdateConfig>): Promise<StreamInfo> {
    return this.#link.api(`Changing the stream ${stream}`, () =>
      this.#manager.streams.update(stream, config),
    );
  }

  /** Removes the messages below `sequence`. */
  async purgeBelow(stream: string, sequence: number): Promise<void> {
    const purge = () => this.#manager.streams.purge(stream, { seq: sequence });
    await this.#link.api(`Removing messages of the stream ${stream}`, purge);
  }

  /** The sequence of the first message that was stored at that time or after it; undefined where there is none. */
  async sequenceAt(stream: string, timeMs: number): Promise<number | undefined> {
    const first = { start_time: new Date(timeMs) };
    const read = () => this.#manager.direct.getMessage(stream, first);
    return (await this.#link.api(`Reading the stream ${stream}`, read))?.seq;
  }

  /** Creates the consumer where there is none of its name. */
  async addConsumer(
    stream: string,
    config: Partial<ConsumerConfig> & { readonly name: string },
  ): Promise<void> {
    const add = () => this.#manager.consumers.add(stream, config);
    await this.#link.api(`Opening the consumer ${config.name} of ${stream}`, () =>
      orUndefined(apiCodes.consumerExists, add()),
    );
  }

  /** Creates the consumer, or gives it this configuration. */
  putConsumer(
    stream: string,
    config: Partial<ConsumerConfig> & { readonly name: string },
  ): Promise<ConsumerInfo> {
    const { consumers } = this.#manager;
    return this.#link.api(`Opening the consumer ${config.name} of ${stream}`, async () => {
      const created = await orUndefined(apiCodes.consumerExists, consumers.add(stream, config));
      return created ?? (await consumers.update(stream, config.name, config));
    });
  }

  /** Undefined where there is none. */
  consumerInfo(stream: string, consumer: string): Promise<ConsumerInfo | undefined> {
    return this.#link.api(`Reading the consumer ${consumer} of ${stream}`, () =>
      orUndefined(apiCodes.consumerNotFound, this.#manager.consumers.info(stream, consumer)),
    );
  }

  /** Sends again, from its floor on, whatever was sent and not acknowledged. */
  resetConsumer(stream: string, consumer: string): Promise<ConsumerInfo> {
    const reset = () => this.#manager.consumers.reset(stream, consumer);
    return this.#link.api(`Restarting the consumer ${consumer} of ${stream}`, reset);
  }

  async removeConsumer(stream: string, consumer: string): Promise<void> {
    const remove = () => this.#manager.consumers.delete(stream, consumer);
    await this.#link.api(`Removing the consumer ${consumer} of ${stream}`, remove);
  }

  /** The durable ones; a consumer without a durable name holds back nothing. */
  consumers(stream: string): Promise<readonly ConsumerInfo[]> {
    return this.#link.api(`Listing the consumers of ${stream}`, async () => {
      const found: ConsumerInfo[] = [];
      for await (const info of this.#manager.consumers.list(stream)) {
        if (info.config.durable_name !== undefined) found.push(info);
      }
      return found;
    });
  }
}

async function orUndefined<T>(code: number, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (apiCodeOf(error) === code) return undefined;
    throw error;
  }
}
