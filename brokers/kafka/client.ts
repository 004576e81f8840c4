import type { ClientCertificate } from '../../contracts/certificates.ts';
import type { TopicDeclaration } from '../log.ts';

/** One partition, by its name on the brokers. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** A partition and an offset in it: exact to 2^53, as everywhere here. */
export interface PlaceOffset extends Place {
  readonly offset: number;
}

export interface KafkaTopic {
  readonly name: string;
  readonly partitions: number;
}

/** What a client needs to create a topic. Configuration values are the broker's own texts. */
export interface NewKafkaTopic extends KafkaTopic {
  readonly replication: number;
  readonly config: Readonly<Record<string, string>>;
}

/** What one fetch brought of one partition. */
export interface Fetched extends Place {
  /**
   * Whole record batches (format 2, at their offsets, with right checksums; compressed with zstd or not at all), in
   * order. Committed records only: what was aborted and control batches are left out. The first may begin below the
   * offset that was asked for.
   */
  readonly batches: readonly Buffer[];
  /** Where the next fetch goes on: after the batches, and after what was left out. Never below what was asked. */
  readonly nextOffset: number;
  /**
   * Called once nobody looks at the batches any more: the client may overwrite them then. Whoever keeps one, or does
   * not know, leaves it.
   */
  readonly done?: () => void;
}

export interface FetchOptions {
  /** Answer with nothing after this long without records. */
  readonly maxWaitMs: number;
  /** At most about so many bytes; one batch at least of a partition that has any. */
  readonly maxBytes: number;
  /** Ends the wait early: the answer is empty then. */
  readonly signal: AbortSignal;
}

/**
 * Reads partitions from given offsets. One fetch at a time: a second call waits for the first. An offset below the
 * oldest record (retention took it) reads from the oldest; one beyond the end likewise reads from the end.
 */
export interface KafkaReader extends AsyncDisposable {
  /**
   * Partitions that bring nothing new may be left out of the answer. A partition that is not readable now (its
   * leader moves) is left out too; the call throws a retryable `STORE_UNAVAILABLE` only where none can be read.
   */
  fetch(from: readonly PlaceOffset[], options: FetchOptions): Promise<readonly Fetched[]>;
}

/** Told of what a member may read. Both are synchronous. */
export interface AssignmentListener {
  /** The partitions are this member's from now on. */
  assigned(places: readonly Place[]): void;
  /**
   * They no longer are. Called before the group is told, so that nobody else has them yet where the group was
   * heard in time; and at once where the member was expelled or its session ran out unheard.
   */
  revoked(places: readonly Place[]): void;
}

/** What a process joins a group for. */
export interface Joining {
  readonly group: string;
  readonly topics: readonly string[];
  /**
   * Names the process, and the one that it replaces: members that a killed process of this name left in the group are
   * taken out first, by clients that can, so that their partitions do not wait for the end of their sessions.
   */
  readonly instance: string;
}

/** This process as one member of a consumer group. Rejoins by itself after it was expelled. */
export interface KafkaMember extends KafkaReader {
  readonly group: string;
  /**
   * Committed offsets of partitions that are assigned to this member; those never committed are left out. Waits for
   * transactions that are about to change them. Throws a retryable `STORE_UNAVAILABLE` where that takes too long.
   */
  committed(places: readonly Place[]): Promise<readonly PlaceOffset[]>;
  /**
   * Commits offsets durably outside any transaction, as this member of the current generation. Throws
   * `BATCH_REVOKED` where the group has expelled it or given a partition away.
   */
  commit(offsets: readonly PlaceOffset[]): Promise<void>;
  /** Leaves the group, so that others get its partitions at once. Does not throw where the group is away. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A sealed batch for a partition. The buffer stays the caller's and is not changed. */
export interface BatchFor extends Place {
  readonly batch: Buffer;
}

/** An offset to commit for a member that holds the partition. */
export interface ConsumedOffset extends PlaceOffset {
  readonly member: KafkaMember;
}

/**
 * Commits transactions one after the other under one transactional id. To create one fences the producer that had
 * the id before, and aborts what that left open. After a fault it begins anew by itself with the next commit.
 */
export interface KafkaProducer extends AsyncDisposable {
  /**
   * One transaction: all batches and offsets, or nothing. The consumed offsets carry their member's id and
   * generation (member epoch), so that the brokers refuse those of a member that lost its partitions: it throws
   * `BATCH_REVOKED` then and the transaction is aborted. `ARGUMENT_INVALID` where the brokers refuse a batch for
   * good. A retryable `STORE_UNAVAILABLE` means that it was aborted, or that its outcome is not known: the members'
   * `committed` tells once it answers.
   */
  commit(batches: readonly BatchFor[], consumed: readonly ConsumedOffset[]): Promise<void>;
}

/**
 * `earliest`: the oldest record's offset. `latest`: the end of what a reader of committed records can see (the last
 * stable offset). `written`: the end of all that was written, with what is not decided yet (the high watermark); the
 * markers of a transaction are written a little after its commit was answered, so it may be beyond `latest` then.
 */
export type WhichOffset = 'earliest' | 'latest' | 'written';

/**
 * What our log needs of a Kafka client, and all it knows of one: `log.ts` makes the port of it. Names of topics and
 * groups are those on the brokers. Every method throws an `OpenFrameError`: a retryable `STORE_UNAVAILABLE` where
 * brokers do not answer or say that it passes (after having tried again for about the request timeout),
 * `CONFIGURATION_INVALID` where rights or credentials are wrong (with what to do). Connections come back by
 * themselves; nothing is thrown outside a call.
 */
export interface KafkaClient extends AsyncDisposable {
  readonly name: string;
  /**
   * Whether fetched batches keep the times that records were given when the topic stamps batches with the time of
   * their append (`message.timestamp.type=LogAppendTime`). Where not, topics are declared with `CreateTime`.
   */
  readonly keepsRecordTimes: boolean;
  /** Every topic whose name begins with `prefix`. */
  topics(prefix: string): Promise<readonly KafkaTopic[]>;
  /** Creates a topic and waits until each partition has a leader. One that another just created is no fault. */
  createTopic(topic: NewKafkaTopic): Promise<void>;
  /** The topic's values of the named configurations. */
  topicConfig(topic: string, names: readonly string[]): Promise<Readonly<Record<string, string>>>;
  /** Sets the named values and leaves all others. */
  alterTopicConfig(topic: string, config: Readonly<Record<string, string>>): Promise<void>;
  /** Throws `ARGUMENT_INVALID` for a partition that does not exist. */
  offsets(places: readonly Place[], which: WhichOffset): Promise<readonly PlaceOffset[]>;
  /** Groups that begin with `prefix`, whether they have members now or not. */
  groups(prefix: string): Promise<readonly string[]>;
  /** Every offset that the group has committed. Waits a moment for transactions that are about to change them. */
  groupOffsets(group: string): Promise<readonly PlaceOffset[]>;
  /**
   * Stores one sealed batch with acks=all, outside any transaction; returns the offset of its first record. It is
   * not sent again where its fate is unknown. `ARGUMENT_INVALID` where the brokers refuse it for good.
   */
  append(target: BatchFor): Promise<number>;
  /** Reads outside any group. */
  reader(): KafkaReader;
  /**
   * Joins a group (KIP-848 where the client has it). Resolves once the member has its first partitions, or after a
   * few seconds where there are none for it.
   */
  join(joining: Joining, listener: AssignmentListener): Promise<KafkaMember>;
  /** `timeoutMs`: how long the brokers leave a transaction of a dead producer open. */
  producer(transactionalId: string, timeoutMs: number): Promise<KafkaProducer>;
}

/** How to reach and sign in to the brokers: the options that every client takes. */
export interface KafkaConnectionOptions {
  /** `host:port` of brokers to begin with. */
  readonly brokers: readonly string[];
  /** Names this process to the brokers, in their logs and quotas. */
  readonly clientId: string;
  readonly tls?: boolean;
  /** What brokers are shown that ask for it; with `tls` alone. */
  readonly certificate?: ClientCertificate;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  /** A call gives up after about this long without an answer. */
  readonly requestTimeoutMs: number;
  /**
   * Where a broker is reached, if not at the address it advertises: through a tunnel, or a proxy in a test. A client
   * that cannot do that leaves it out of its options.
   */
  readonly reachedAt?: (host: string, port: number) => { readonly host: string; readonly port: number };
}

/**
 * The configuration that a declared topic has on the brokers. Under `CreateTime` a record's age is that of its event:
 * retention by age would take what came late before anyone has read it, so such topics are bounded by size alone.
 */
export function topicConfig(
  declaration: TopicDeclaration,
  client: Pick<KafkaClient, 'keepsRecordTimes'>,
): Readonly<Record<string, string>> {
  const { cleanup, retentionMs, retentionBytes, maxBatchBytes } = declaration;
  const kept = (value: number): string => String(value > 0 && Number.isSafeInteger(value) ? value : -1);
  const times: Record<string, string> = client.keepsRecordTimes
    ? { 'message.timestamp.type': 'LogAppendTime' }
    : { 'message.timestamp.type': 'CreateTime', 'message.timestamp.after.max.ms': '9223372036854775807' };
  const size = maxBatchBytes === undefined ? {} : { 'max.message.bytes': String(maxBatchBytes) };
  if (cleanup === 'compact') return { 'cleanup.policy': 'compact', ...times, ...size };
  return {
    'cleanup.policy': 'delete',
    'retention.ms': client.keepsRecordTimes ? kept(retentionMs) : '-1',
    'retention.bytes': kept(retentionBytes),
    ...times,
    ...size,
  };
}
