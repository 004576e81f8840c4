import kafkajs, { type Producer, type ProducerRecord, type TopicMessages, type Transaction } from 'kafkajs';

import { OpenFrameError } from '../../../contracts/errors.ts';
import type { BatchFor, ConsumedOffset, KafkaProducer } from '../client.ts';
import { byTopic } from '../platformatic/wire/by-topic.ts';
import type { GroupIdentity } from '../platformatic/wire/transaction.ts';
import { kafkajsError } from './faults.ts';
import { GroupMember, offsetsByTopic } from './member.ts';
import { messagesOf } from './records.ts';

const acksAll = -1;
const compression = kafkajs.CompressionTypes.ZSTD;

/** Transactions of one kafkajs producer after the other: a fault ends it, and the next commit makes a new one. */
export class TransactionalProducer implements KafkaProducer {
  readonly #create: () => Producer;
  /** As whom the socket sends the offsets that are on their way. */
  readonly identities = new Map<string, GroupIdentity>();
  #producer: Producer | undefined;

  /** `create` makes an unconnected producer with the transactional id, on sockets that ask `identities`. */
  constructor(create: () => Producer) {
    this.#create = create;
  }

  /** Fences who had the transactional id, and aborts what that left open. */
  async begin(): Promise<Producer> {
    const producer = this.#create();
    try {
      await producer.connect();
    } catch (error) {
      await producer.disconnect().catch(() => undefined);
      throw kafkajsError(error, 'Beginning transactions');
    }
    this.#producer = producer;
    return producer;
  }

  async commit(batches: readonly BatchFor[], consumed: readonly ConsumedOffset[]): Promise<void> {
    if (batches.length + consumed.length === 0) return;
    const producer = this.#producer ?? (await this.begin());
    let transaction: Transaction | undefined;
    try {
      transaction = await producer.transaction();
      await this.#sendOffsets(transaction, consumed);
      for (const round of roundsOf(batches)) await transaction.sendBatch({ ...round });
      await transaction.commit();
    } catch (error) {
      const told = kafkajsError(error, 'Committing a transaction');
      if (!(await isAborted(transaction))) await this.#end();
      throw told;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }

  async #sendOffsets(transaction: Transaction, consumed: readonly ConsumedOffset[]): Promise<void> {
    for (const member of new Set(consumed.map((offset) => offset.member))) {
      if (!(member instanceof GroupMember)) throw foreignMember();
      const offsets = consumed.filter((offset) => offset.member === member);
      this.identities.set(member.group, member.identity(offsets));
      await transaction.sendOffsets({ consumerGroupId: member.group, topics: offsetsByTopic(offsets) });
    }
  }

  async #end(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.disconnect().catch(() => undefined);
  }
}

/** One batch as a request of its own; kafkajs makes one batch of it again. */
export function recordOf({ topic, partition, batch }: BatchFor): ProducerRecord {
  return { topic, acks: acksAll, compression, messages: messagesOf(batch, partition) };
}

/** Requests with one batch for each partition at most: kafkajs would join several, above what the brokers take. */
function* roundsOf(batches: readonly BatchFor[]) {
  let left = batches;
  while (left.length > 0) {
    const round = new Map<string, BatchFor>();
    const later: BatchFor[] = [];
    for (const each of left) {
      const place = `${each.partition} ${each.topic}`;
      if (round.has(place)) later.push(each);
      else round.set(place, each);
    }
    const topicMessages = byTopic([...round.values()]).map(([topic, ofTopic]): TopicMessages => ({
      topic,
      messages: ofTopic.flatMap(({ batch, partition }) => messagesOf(batch, partition)),
    }));
    yield { acks: acksAll, compression, topicMessages };
    left = later;
  }
}

/** Aborts; false where that is not sure, so that the producer must begin anew. */
async function isAborted(transaction: Transaction | undefined): Promise<boolean> {
  if (transaction === undefined) return false;
  try {
    await transaction.abort();
    return true;
  } catch {
    return false;
  }
}

function foreignMember(): OpenFrameError {
  return new OpenFrameError('ARGUMENT_INVALID', 'The offsets are those of a member of another Kafka client.');
}
