import { OpenFrameError } from '../../contracts/errors.ts';
import { telemetryStream } from '../../contracts/topics.ts';
import type { Clock } from '../../streams/clock.ts';
import { checkBatch } from '../../streams/record-batch.ts';
import { RecordCursor } from '../../streams/record-cursor.ts';
import type { Source } from '../../streams/source.ts';
import type { Messaging, MessagingOptions, MessagingStatus, PublishReceipt } from '../messaging.ts';
import { declareConsumer } from './consumer-seat.ts';
import { JetStream } from './jetstream.ts';
import { type NatsCredentials, NatsLink, type NatsLinkOptions } from './link.ts';
import { MessageConsumer } from './message-consumer.ts';
import { MessageWriter } from './message-writer.ts';
import { type OutgoingMessage, outgoingMessage } from './outgoing-message.ts';
import { Publisher } from './publisher.ts';
import { PublishLane } from './publish-lane.ts';
import { readAll } from './read-all.ts';
import { RecentIds } from './recent-ids.ts';
import { floorOf, Retention } from './retention.ts';
import { declareStream } from './stream-declaration.ts';
import { subjectOf } from './subjects.ts';
import { checkSync } from './sync-check.ts';

export interface NatsMessagingOptions {
  /** `host:port` or `nats://host:port`, each; `tls://` where connections are encrypted. */
  readonly servers: readonly string[];
  readonly clock: Clock;
  readonly options: MessagingOptions;
  readonly credentials?: NatsCredentials;
  readonly certificate?: NonNullable<NatsLinkOptions['certificate']>;
  /** Set before the names of the stream and its subjects, so that several deployments share a server. */
  readonly prefix?: string;
  /**
   * Consumers that will read, whether they have begun or not: nothing goes before they have processed it. Without
   * them, what is published before their first start goes by age and size.
   */
  readonly consumers?: readonly string[];
  /** Copies of the stream; 3 in a cluster. Default 1. */
  readonly replicas?: number;
  /** Shown in the server's list of connections. */
  readonly clientName?: string;
  /** The server's monitoring (`http://host:8222`), which alone tells whether it syncs; see `checkSync`. */
  readonly monitoringUrl?: string;
  /** Told at the start what cannot be checked. */
  readonly onWarning?: (text: string) => void;
  readonly requestTimeoutMs?: number;
  /** A consumer is given no more than about this many records that it has not acked. */
  readonly maxInFlightRecords?: number;
  /** A publish waits so long for others: the server syncs once for all of them. Default 0. */
  readonly publishLingerMs?: number;
  /** Publishes beyond this wait for nothing: they are refused with a retryable `NOT_DURABLE_NOW`. */
  readonly maxQueuedBytes?: number;
}

const oldestServer = { major: 2, minor: 14 };
const recentIds = 100_000;
/** A message's subject and headers count toward the server's largest payload. */
const envelopeBytes = 128 * 1024;

/**
 * The messaging on a JetStream stream, which is declared at the start. A publish is as durable as the server's
 * `sync_interval` makes it: `always`. An ack outlives this process; a crash of the server may take back the last
 * ones, whose messages then come again. Throws a retryable `STORE_UNAVAILABLE` where no server answers,
 * `CONFIGURATION_INVALID` for a server that is too old or does not sync, missing rights, or a stream that cannot
 * become what is declared.
 */
export async function createNatsMessaging(options: NatsMessagingOptions): Promise<Messaging> {
  const { requestTimeoutMs = 5_000, clientName = 'openframe', onWarning = () => {} } = options;
  await using opening = new AsyncDisposableStack();
  const link = opening.use(await NatsLink.open({ ...options, requestTimeoutMs, clientName }));
  mustBeRecent(link);
  const { monitoringUrl } = options;
  const server = link.nc.info ?? { server_id: '' };
  await checkSync({ server, monitoringUrl, timeoutMs: requestTimeoutMs, onWarning });
  const jetStream = await JetStream.open(link);
  const { prefix = '', replicas = 1 } = options;
  const name = prefix + telemetryStream;
  await declareStream(jetStream, { name, prefix, replicas, options: options.options });
  for (const consumer of options.consumers ?? []) await declareConsumer(jetStream, name, consumer);
  opening.move();
  return new NatsMessaging({ ...options, prefix, replicas }, link, jetStream);
}

/** Restarting a consumer at its floor came with 2.14 (ADR-60). */
function mustBeRecent({ nc }: NatsLink): void {
  const version = nc.info?.version ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const { major: least, minor: leastMinor } = oldestServer;
  if (major > least || (major === least && minor >= leastMinor)) return;
  const what = `NATS at ${nc.getServer()} is version ${version}: ${least}.${leastMinor} or newer is needed.`;
  throw new OpenFrameError('CONFIGURATION_INVALID', what, { details: { version } });
}

class NatsMessaging implements Messaging {
  readonly #options: NatsMessagingOptions & { readonly prefix: string };
  readonly #stream: string;
  readonly #link: NatsLink;
  readonly #jetStream: JetStream;
  readonly #lane: PublishLane;
  readonly #consumers = new Set<MessageConsumer>();
  readonly #cursor = new RecordCursor();
  #closing: Promise<void> | undefined;

  constructor(
    options: NatsMessagingOptions & { readonly prefix: string; readonly replicas: number },
    link: NatsLink,
    jetStream: JetStream,
  ) {
    const { clock, prefix, replicas, publishLingerMs: lingerMs = 0 } = options;
    const { maxQueuedBytes = 64 * 1024 * 1024 } = options;
    this.#options = options;
    this.#stream = prefix + telemetryStream;
    this.#link = link;
    this.#jetStream = jetStream;
    const publisher = new Publisher({
      link,
      clock,
      writer: new MessageWriter({
        link,
        isReplicated: replicas > 1,
        probeSubject: subjectOf(prefix, '', '', ''),
      }),
      retention: new Retention({ jetStream, clock, stream: this.#stream, options: options.options }),
      recentIds: new RecentIds({ windowMs: options.options.duplicateWindowMs, maxIds: recentIds, clock }),
    });
    const store = publisher.store.bind(publisher);
    this.#lane = new PublishLane({ store, maxQueuedBytes, clock, lingerMs });
  }

  async publish(batch: Buffer): Promise<PublishReceipt> {
    this.#mustBeOpen();
    return this.#lane.submit(this.#messagesOf(batch));
  }

  async consume(consumer: string): Promise<Source> {
    this.#mustBeOpen();
    if (!/^[\w-]+$/.test(consumer)) {
      const what = `The consumer's name ${JSON.stringify(consumer)} may hold letters, digits, _ and - alone.`;
      throw new OpenFrameError('ARGUMENT_INVALID', what);
    }
    for (const other of this.#consumers) if (other.name === consumer) other.revoke();
    const { clock, prefix, maxInFlightRecords = 100_000 } = this.#options;
    const opened = await MessageConsumer.open({
      ...this.#deps(),
      name: consumer,
      clock,
      prefix,
      maxInFlightRecords,
    });
    this.#consumers.add(opened);
    return opened;
  }

  readAll(): AsyncIterable<Buffer> {
    this.#mustBeOpen();
    return readAll({ ...this.#deps(), clock: this.#options.clock, prefix: this.#options.prefix });
  }

  async status(): Promise<MessagingStatus> {
    this.#mustBeOpen();
    const [info, consumers] = await Promise.all([
      this.#jetStream.streamInfo(this.#stream),
      this.#jetStream.consumers(this.#stream),
    ]);
    const firstSequence = Math.max(info?.state.first_seq ?? 0, 1);
    return {
      firstSequence,
      nextSequence: Math.max((info?.state.last_seq ?? 0) + 1, firstSequence),
      consumers: Object.fromEntries(
        consumers.map((consumer) => [consumer.name, Math.max(floorOf(consumer), firstSequence)]),
      ),
      sizeBytes: info?.state.bytes ?? 0,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#lane.idle();
    for (const consumer of this.#consumers) await consumer[Symbol.asyncDispose]();
    await this.#link[Symbol.asyncDispose]();
  }

  #messagesOf(batch: Buffer): OutgoingMessage[] {
    checkBatch(batch);
    const cursor = this.#cursor;
    const messages: OutgoingMessage[] = [];
    const limitBytes = (this.#link.nc.info?.max_payload ?? Infinity) - envelopeBytes;
    for (cursor.reset(batch); cursor.next();) {
      const message = outgoingMessage(cursor, this.#options.prefix);
      if (message.sizeBytes > limitBytes) {
        const what = `An event of ${message.sizeBytes} bytes is larger than NATS takes (max_payload): send a smaller one.`;
        throw new OpenFrameError('EVENT_TOO_LARGE', what, { details: { limitBytes } });
      }
      messages.push(message);
    }
    return messages;
  }

  #deps() {
    return { link: this.#link, jetStream: this.#jetStream, stream: this.#stream };
  }

  #mustBeOpen(): void {
    if (this.#closing === undefined) return;
    const what = `The messaging ${this.#stream} on NATS was closed: open it again.`;
    throw new OpenFrameError('STORE_UNAVAILABLE', what);
  }
}
