import { initProducerIdV5 } from '@platformatic/kafka';

import { OpenFrameError } from '../../../contracts/errors.ts';
import { recordCount } from '../../../streams/record-batch.ts';
import type { BatchFor, ConsumedOffset, KafkaProducer } from '../client.ts';
import type { Cluster } from './cluster.ts';
import { rawConnections } from './connections.ts';
import { faultCode, isPassing, logError, protocolError, protocolFault, unavailable } from './faults.ts';
import { GroupMember } from './member.ts';
import { produceParts, roundsOf } from './producing.ts';
import { sealForProducer } from './wire/seal-for-producer.ts';
import {
  decodeEndTxn,
  decodeTxnOffsetCommit,
  encodeEndTxn,
  encodeTxnOffsetCommit,
  endTxnApi,
  type ProducerIdentity,
  txnOffsetCommitApi,
} from './wire/transaction.ts';

/** The producer's identity is void: another has taken the id, or the transaction ran into its time limit. */
const fenced = new Set<number>([
  faultCode.invalidProducerEpoch,
  faultCode.invalidTransactionState,
  faultCode.invalidProducerIdMapping,
  faultCode.producerFenced,
  45,
  59,
  120,
]);

/**
 * Transactions of version 2 (KIP-890): requests take partitions up by themselves, and each end raises the epoch.
 * Consumed offsets go first, so that a member that lost its partitions is refused before anything is written.
 */
export class TransactionalProducer implements KafkaProducer {
  readonly #cluster: Cluster;
  readonly #connections;
  readonly #transactionalId: string;
  readonly #timeoutMs: number;
  #identity: ProducerIdentity | undefined;
  /** The beginning anew that is under way, which also ends what was left open. */
  #beginning: Promise<ProducerIdentity> | undefined;

  constructor(cluster: Cluster, transactionalId: string, timeoutMs: number) {
    this.#cluster = cluster;
    this.#connections = rawConnections(cluster.options);
    this.#transactionalId = transactionalId;
    this.#timeoutMs = timeoutMs;
  }

  async begin(): Promise<ProducerIdentity> {
    this.#beginning ??= this.#init().finally(() => {
      this.#beginning = undefined;
    });
    return this.#beginning;
  }

  async commit(batches: readonly BatchFor[], consumed: readonly ConsumedOffset[]): Promise<void> {
    if (batches.length + consumed.length === 0) return;
    const identity = this.#identity ?? (await this.begin());
    try {
      for (const [member, offsets] of byMember(consumed)) await this.#sendOffsets(identity, member, offsets);
      await this.#produce(identity, batches);
    } catch (error) {
      await this.#abort(identity, error);
      throw this.#told(error);
    }
    await this.#end(identity, 'commit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connections.close();
  }

  async #init(): Promise<ProducerIdentity> {
    this.#identity = undefined;
    const doing = `Beginning transactions as ${this.#transactionalId}`;
    return this.#cluster.persist(doing, async () => {
      const connection = await this.#cluster.connect(await this.#coordinator());
      const { producerId, producerEpoch } = await initProducerIdV5.api.async(
        connection,
        this.#transactionalId,
        this.#timeoutMs,
        -1n,
        -1,
      );
      this.#identity = { producerId: Number(producerId), epoch: producerEpoch };
      return this.#identity;
    });
  }

  async #sendOffsets(
    identity: ProducerIdentity,
    member: GroupMember,
    offsets: readonly ConsumedOffset[],
  ): Promise<void> {
    await this.#cluster.persist(`Committing offsets of the group ${member.group}`, async () => {
      await member.asMember(offsets, async (as) => {
        const node = await this.#cluster.coordinator('group', member.group);
        const connection = await this.#cluster.connectIn(this.#connections, node);
        const body = encodeTxnOffsetCommit(this.#transactionalId, identity, as, offsets);
        const code = decodeTxnOffsetCommit(await connection.send(txnOffsetCommitApi, [body]));
        if (code !== 0) throw this.#fault(code);
      });
    });
  }

  async #produce(identity: ProducerIdentity, batches: readonly BatchFor[]): Promise<void> {
    const sequences = new Map<string, number>();
    const deps = {
      cluster: this.#cluster,
      connections: this.#connections,
      transactionalId: this.#transactionalId,
    };
    for (const round of roundsOf(batches)) {
      let parts = round.map(({ topic, partition, batch }) => {
        const key = `${partition} ${topic}`;
        const baseSequence = sequences.get(key) ?? 0;
        sequences.set(key, baseSequence + recordCount(batch));
        return { topic, partition, pieces: sealForProducer(batch, { ...identity, baseSequence }) };
      });
      await this.#cluster.persist('Writing a transaction', async () => {
        try {
          await produceParts(deps, parts, (stored) => {
            parts = parts.filter((part) => part !== stored);
          });
        } catch (error) {
          const fault = protocolFault(error);
          throw fault === undefined ? error : this.#fault(fault.code, fault.message);
        }
      });
    }
  }

  /** Repeated with the same epoch until answered: the coordinator knows a commit that it has done already. */
  async #end(identity: ProducerIdentity, outcome: 'commit' | 'abort'): Promise<void> {
    try {
      this.#identity = await this.#cluster.persist(`The ${outcome} of a transaction`, async () => {
        const connection = await this.#cluster.connectIn(this.#connections, await this.#coordinator());
        const body = encodeEndTxn(this.#transactionalId, identity, outcome);
        const answer = decodeEndTxn(await connection.send(endTxnApi, [body]));
        if (answer.errorCode !== 0) throw this.#fault(answer.errorCode);
        return answer;
      });
    } catch (error) {
      this.#beginAnew();
      throw this.#told(error);
    }
  }

  async #abort(identity: ProducerIdentity, cause: unknown): Promise<void> {
    // What is away does not come back for the abort either, and a fenced producer has nothing to abort.
    if (isPassing(cause)) return this.#beginAnew();
    try {
      await this.#end(identity, 'abort');
    } catch {
      // `end` has begun anew, which aborts.
    }
  }

  /** Ends what may be open, so that no reader waits for it; the next commit begins anew too where this fails. */
  #beginAnew(): void {
    this.#identity = undefined;
    this.begin().catch(() => {});
  }

  #fault(code: number, message: string | null = null): Error {
    if (!fenced.has(code)) return protocolError(code, message);
    const what = `The transactions of ${this.#transactionalId} were taken over, or ran into their time limit.`;
    const help = 'Give each process an instance name of its own.';
    return new FencedProducer(unavailable(`${what} ${help}`, protocolError(code, message)));
  }

  #told(error: unknown): OpenFrameError {
    const cause = error instanceof OpenFrameError ? error.cause : error;
    if (cause instanceof FencedProducer) return cause.told;
    return logError(error, 'A transaction');
  }

  #coordinator(): Promise<number> {
    return this.#cluster.coordinator('transaction', this.#transactionalId);
  }
}

/** Not to be repeated as it is, though its caller may begin another transaction. */
class FencedProducer extends Error {
  readonly told: OpenFrameError;

  constructor(told: OpenFrameError) {
    super(told.message);
    this.told = told;
  }
}

function byMember(consumed: readonly ConsumedOffset[]): Map<GroupMember, ConsumedOffset[]> {
  const members = new Map<GroupMember, ConsumedOffset[]>();
  for (const offset of consumed) {
    const { member } = offset;
    if (!(member instanceof GroupMember)) throw new TypeError('The member is of another client.');
    const known = members.get(member);
    if (known === undefined) members.set(member, [offset]);
    else known.push(offset);
  }
  return members;
}
