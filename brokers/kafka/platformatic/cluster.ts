import {
  type Connection,
  FindCoordinatorKeyTypes,
  findCoordinatorV6,
  metadataV12,
  ResponseError,
} from '@platformatic/kafka';

import { OpenFrameError } from '../../../contracts/errors.ts';
import type { Clock } from '../../../streams/clock.ts';
import type { KafkaConnectionOptions, KafkaTopic, Place } from '../client.ts';
import { type Address, parseAddress } from './address.ts';
import { type Connections, libraryConnections } from './connections.ts';
import { faultCode, isLostConnection, isMoved, isPassing, logError, protocolError } from './faults.ts';

export interface ClusterOptions extends KafkaConnectionOptions {
  readonly clock: Clock;
}

type MetadataResponse = metadataV12.MetadataResponse;

interface Topic extends KafkaTopic {
  readonly id: string;
  /** The node that leads each partition; -1 where none does now. */
  readonly leaders: readonly number[];
}

const firstPauseMs = 20;
const longestPauseMs = 500;

/** What the brokers say of themselves: who they are, who leads a partition, who coordinates a group or transaction. */
export class Cluster {
  readonly options: ClusterOptions;
  /** For requests that are answered at once. */
  readonly shared: Connections<Connection>;
  #brokers = new Map<number, Address>();
  #topics = new Map<string, Topic>();
  /** Topics that were listed at any time: a broker that has just started may not list all of them yet. */
  readonly #listed = new Set<string>();
  readonly #coordinators = new Map<string, number>();
  #refreshing: Promise<void> | undefined;
  #closed = false;

  constructor(options: ClusterOptions) {
    this.options = options;
    this.shared = libraryConnections(options);
  }

  /**
   * Repeats `work` over faults that pass by themselves, until the request timeout. What moved is looked up anew
   * before. Throws an `OpenFrameError`; `doing` begins its message. `again` says which faults pass.
   */
  async persist<T>(doing: string, work: () => Promise<T>, again = isPassing): Promise<T> {
    const { clock, requestTimeoutMs } = this.options;
    const endsAtMs = clock.nowMs() + requestTimeoutMs;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      if (this.#closed) throw closedError();
      try {
        return await work();
      } catch (error) {
        if (!again(error) || clock.nowMs() + pauseMs > endsAtMs) throw logError(error, doing);
        this.forgetMoved(error);
      }
      await clock.sleep(pauseMs);
    }
  }

  /** After a fault that says so, leaders and coordinators are asked for again. */
  forgetMoved(error: unknown): void {
    if (!isMoved(error) && !isLostConnection(error)) return;
    this.#topics = new Map();
    this.#coordinators.clear();
  }

  nodes(): readonly number[] {
    return [...this.#brokers.keys()];
  }

  /** A connection to the node, for requests that are answered at once. */
  connect(node: number): Promise<Connection> {
    return this.connectIn(this.shared, node);
  }

  /** A connection of the pool to the node. */
  async connectIn<C>(pool: { to(address: Address): Promise<C> }, node: number): Promise<C> {
    const address = this.#brokers.get(node);
    if (address === undefined)
      throw protocolError(faultCode.leaderNotAvailable, `The broker ${node} is away.`);
    return pool.to(address);
  }

  /** A topic as it is known; asks the brokers where it is not. */
  async topic(name: string): Promise<Topic> {
    if (!this.#topics.has(name)) await this.refresh();
    const topic = this.#topics.get(name);
    if (topic !== undefined) {
      this.#listed.add(name);
      return topic;
    }
    if (this.#listed.has(name)) {
      throw protocolError(faultCode.leaderNotAvailable, `The brokers do not list the topic ${name} now.`);
    }
    const message = `Topic ${name} does not exist on the brokers: declare it first.`;
    throw new OpenFrameError('ARGUMENT_INVALID', message);
  }

  async topicById(id: string): Promise<Topic | undefined> {
    const find = (): Topic | undefined => [...this.#topics.values()].find((topic) => topic.id === id);
    if (find() === undefined) await this.refresh();
    return find();
  }

  topics(prefix: string): readonly Topic[] {
    return [...this.#topics.values()].filter(({ name }) => name.startsWith(prefix));
  }

  async leader(place: Place): Promise<number> {
    const topic = await this.topic(place.topic);
    const leader = topic.leaders[place.partition];
    if (leader === undefined) {
      const message = `Topic ${place.topic} has partitions 0 to ${topic.partitions - 1}, not ${place.partition}.`;
      throw new OpenFrameError('ARGUMENT_INVALID', message);
    }
    if (leader >= 0) return leader;
    this.#topics.delete(place.topic);
    throw protocolError(
      faultCode.leaderNotAvailable,
      `Partition ${place.partition} of ${place.topic} has no leader now.`,
    );
  }

  /** Places by the node that leads them. */
  async byLeader<P extends Place>(places: readonly P[]): Promise<Map<number, P[]>> {
    const nodes = new Map<number, P[]>();
    for (const place of places) {
      const node = await this.leader(place);
      const known = nodes.get(node);
      if (known === undefined) nodes.set(node, [place]);
      else known.push(place);
    }
    return nodes;
  }

  async coordinator(kind: 'group' | 'transaction', key: string): Promise<number> {
    const name = `${kind} ${key}`;
    const known = this.#coordinators.get(name);
    if (known !== undefined) return known;
    const type = kind === 'group' ? FindCoordinatorKeyTypes.GROUP : FindCoordinatorKeyTypes.TRANSACTION;
    const connection = await this.any();
    const { coordinators } = await findCoordinatorV6.api.async(connection, type, [key]);
    const found = coordinators[0];
    if (found === undefined) throw protocolError(faultCode.coordinatorNotAvailable);
    this.#brokers.set(found.nodeId, { host: found.host, port: found.port });
    this.#coordinators.set(name, found.nodeId);
    return found.nodeId;
  }

  /** A connection to the node that coordinates the group. */
  async connectToGroup(group: string): Promise<Connection> {
    return this.connect(await this.coordinator('group', group));
  }

  /** A connection to any broker that answers: a known one, or one of those to begin with. */
  async any(): Promise<Connection> {
    const first = this.options.brokers.map(parseAddress);
    let fault: unknown;
    for (const address of [...this.#brokers.values(), ...first]) {
      try {
        return await this.shared.to(address);
      } catch (error) {
        fault = error;
        if (!isLostConnection(error)) throw error;
      }
    }
    throw fault;
  }

  /** Asks for all brokers and topics. Calls that meet share one request. */
  async refresh(): Promise<void> {
    this.#refreshing ??= this.#ask().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.shared.close();
  }

  async #ask(): Promise<void> {
    const answer = await metadataOf(await this.any());
    this.#brokers = new Map(answer.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]));
    const topics = answer.topics.filter(({ errorCode }) => errorCode !== faultCode.unknownTopicOrPartition);
    this.#topics = new Map(
      topics.map(({ name, topicId, partitions }) => {
        const leaders: number[] = [];
        for (const { partitionIndex, leaderId } of partitions) leaders[partitionIndex] = leaderId;
        return [name ?? '', { name: name ?? '', id: topicId, partitions: partitions.length, leaders }];
      }),
    );
  }
}

/** Of all topics. A topic that has no leader yet is an error to the library; the others' answers are kept. */
async function metadataOf(connection: Connection): Promise<MetadataResponse> {
  try {
    return await metadataV12.api.async(connection, null, false, false);
  } catch (error) {
    const answer: unknown = error instanceof ResponseError ? Reflect.get(error, 'response') : undefined;
    if (isMetadata(answer)) return answer;
    throw error;
  }
}

function isMetadata(answer: unknown): answer is MetadataResponse {
  return typeof answer === 'object' && answer !== null && 'topics' in answer && 'brokers' in answer;
}

function closedError(): OpenFrameError {
  return new OpenFrameError('STORE_UNAVAILABLE', 'The client of Kafka was closed: open it again.');
}
