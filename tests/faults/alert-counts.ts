import { MongoClient } from 'mongodb';

import { streamedAlertSchema } from '../../contracts/alert.ts';
import { topics } from '../../contracts/topics.ts';
import { RecordCursor } from '../../streams/record-cursor.ts';
import type { TransactionalLog } from '../../streams/transaction.ts';

/** Tenant to the reports that its alerts have folded in. */
export type AlertCounts = Readonly<Record<string, number>>;

/** By the last state of each alert in the topic of alerts. */
export async function alertCountsInTopic(log: TransactionalLog, partitions: number): Promise<AlertCounts> {
  const last = new Map<string, string>();
  const cursor = new RecordCursor();
  for (let partition = 0; partition < partitions; partition++) {
    for await (const bytes of log.readAll(topics.alerts, partition)) {
      cursor.reset(bytes);
      while (cursor.next()) {
        const [key, value] = [cursor.keyText(), cursor.value()];
        if (key !== null && value !== null) last.set(key, value.toString('utf8'));
      }
    }
  }
  return counted(last.values());
}

/** By the documents of the alert store, read by the driver. */
export async function alertCountsInStore(url: string, database: string): Promise<AlertCounts> {
  const client = await MongoClient.connect(url);
  try {
    const documents = client.db(database).collection('documents');
    const alerts = await documents.find({ collection: 'alerts' }).toArray();
    return counted(alerts.map((row) => String(row['text'])));
  } finally {
    await client.close();
  }
}

function counted(alerts: Iterable<string>): AlertCounts {
  const counts: Record<string, number> = {};
  for (const text of alerts) {
    const { tenantId, count } = streamedAlertSchema.parse(JSON.parse(text));
    counts[tenantId] = (counts[tenantId] ?? 0) + count;
  }
  return counts;
}
