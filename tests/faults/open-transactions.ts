import { Connection, listTransactionsV1 } from '@platformatic/kafka';

/** The ids of the transactions that have begun and are neither committed nor aborted, on one broker. */
export async function openTransactions(broker: string): Promise<readonly string[]> {
  const [host = '', port = ''] = broker.split(':');
  const connection = new Connection('openframe-faults');
  await connection.connect(host, Number(port));
  try {
    const states = ['Ongoing', 'PrepareCommit', 'PrepareAbort'] as const;
    const answer = await listTransactionsV1.api.async(connection, [...states], [], -1n, null);
    return answer.transactionStates.map(({ transactionalId }) => transactionalId);
  } finally {
    await connection.close();
  }
}
