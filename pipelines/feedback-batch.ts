import type { AlertFeedback } from '../contracts/alert-feedback.ts';
import { headers, topics } from '../contracts/topics.ts';
import type { Log } from '../brokers/log.ts';
import { partitionOf } from '../streams/partitioner.ts';
import { RecordBatchBuilder } from '../streams/record-batch.ts';

const batchBytes = 4_096;

/** What people made of an alert, and whose that is. */
export interface GivenFeedback {
  readonly tenantId: string;
  readonly feedback: AlertFeedback;
  /** When the alert was reported last: feedback moves no clock of the stream. */
  readonly reportedMs: number;
}

/** Feedback as a record of `alerts.signals.v1`. `home`: for the partition in which the tenant's own alerts are scored. */
export function feedbackBatch({ tenantId, feedback, reportedMs }: GivenFeedback, home: boolean): Buffer {
  const builder = new RecordBatchBuilder(batchBytes);
  builder.appendRecord({
    key: tenantId,
    value: JSON.stringify({ feedback, home }),
    timestampMs: Math.min(reportedMs, feedback.atMs),
    headers: { [headers.tenant]: tenantId, [headers.ingestTime]: String(feedback.atMs) },
  });
  return builder.finish();
}

/**
 * Hands feedback to the stream, to each partition of alerts: its tenant's own learns from it, the others what tenants
 * share. Resolves when all is durable; where it throws, part of it may be, and the same again does no harm.
 */
export async function sendFeedback(
  log: Pick<Log, 'append' | 'partitionCount'>,
  given: GivenFeedback,
): Promise<void> {
  const partitions = log.partitionCount(topics.signals);
  const home = partitionOf(Buffer.from(given.tenantId), partitions);
  for (let partition = 0; partition < partitions; partition++)
    await log.append(topics.signals, partition, feedbackBatch(given, partition === home));
}
