import { Connection, deleteRecordsV2 } from '@platformatic/kafka';

/** What `kafka-delete-records.sh` does with offset -1: takes all records of a partition away, on one broker. */
export async function emptyPartition(broker: string, topic: string, partition: number): Promise<void> {
  const [host = '', port = ''] = broker.split(':');
  const connection = new Connection('openframe-faults');
  await connection.connect(host, Number(port));
  try {
    const all = { name: topic, partitions: [{ partitionIndex: partition, offset: -1n }] };
    await deleteRecordsV2.api.async(connection, [all], 10_000);
  } finally {
    await connection.close();
  }
}
