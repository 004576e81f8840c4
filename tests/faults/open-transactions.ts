import { Connection, describeTransactionsV0, listTransactionsV1 } from '@platformatic/kafka';

/** The ids of the transactions that have begun and are neither committed nor aborted, on one broker. */
export async function openTransactions(broker: string): Promise<readonly string[]> {
  const connection = await connectTo(broker);
  try {
    const states = ['Ongoing', 'PrepareCommit', 'PrepareAbort'] as const;
    const answer = await listTransactionsV1.api.async(connection, [...states], [], -1n, null);
    return answer.transactionStates.map(({ transactionalId }) => transactionalId);
  } finally {
    await connection.close();
  }
}

/** Asks one broker again and again what a transactional id has under way. */
export class TransactionWatch {
  readonly #connection: Connection;
  readonly #transactionalId: string;

  private constructor(connection: Connection, transactionalId: string) {
    this.#connection = connection;
    this.#transactionalId = transactionalId;
  }

  static async open(broker: string, transactionalId: string): Promise<TransactionWatch> {
    return new TransactionWatch(await connectTo(broker), transactionalId);
  }

  /** Whether a transaction has written to the topic and is neither committed nor aborted. */
  async hasWritten(topic: string): Promise<boolean> {
    const ids = [this.#transactionalId];
    const { transactionStates } = await describeTransactionsV0.api.async(this.#connection, ids);
    return transactionStates.some(
      ({ transactionState, topics }) =>
        transactionState === 'Ongoing' && topics.some((written) => written.topic === topic),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }
}

async function connectTo(broker: string): Promise<Connection> {
  const [host = '', port = ''] = broker.split(':');
  const connection = new Connection('openframe-faults');
  await connection.connect(host, Number(port));
  return connection;
}
