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

/** Asks one broker again and again what a process has under way. */
export class TransactionWatch {
  readonly #connection: Connection;
  readonly #ids: string[];

  private constructor(connection: Connection, ids: string[]) {
    this.#connection = connection;
    this.#ids = ids;
  }

  static async open(broker: string, transactionalIds: readonly string[]): Promise<TransactionWatch> {
    return new TransactionWatch(await connectTo(broker), [...transactionalIds]);
  }

  /** Whether a transaction under one of the ids, each of which was opened before, wrote to the topic and has not ended. */
  async hasWritten(topic: string): Promise<boolean> {
    const { transactionStates } = await describeTransactionsV0.api.async(this.#connection, this.#ids);
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
