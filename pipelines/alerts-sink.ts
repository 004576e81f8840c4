import { messageOf } from '../contracts/errors.ts';
import { type StreamedAlert, streamedAlertSchema } from '../contracts/alert.ts';
import { RecordCursor } from '../streams/record-cursor.ts';
import type { RejectedRecord, Sink } from '../streams/sink.ts';

/** Keeps the latest of every alert, from `alerts.v1`. `save` is idempotent and resolves when durable. */
export function createAlertsSink(deps: { save(alerts: readonly StreamedAlert[]): Promise<void> }): Sink {
  const cursor = new RecordCursor();
  return {
    name: 'alert-store',
    async write(batches): Promise<readonly RejectedRecord[]> {
      const alerts: StreamedAlert[] = [];
      const rejected: RejectedRecord[] = [];
      for (const { bytes, partition, firstOffset } of batches) {
        cursor.reset(bytes);
        while (cursor.next()) {
          const { offset } = cursor;
          if (offset < firstOffset) continue;
          try {
            alerts.push(alertIn(cursor.value()));
          } catch (cause) {
            const reason = `ALERT_UNREADABLE: ${messageOf(cause).slice(0, 200)}`;
            rejected.push({ partition, offset, reason, cause });
          }
        }
        cursor.release();
      }
      if (alerts.length > 0) await deps.save(alerts);
      return rejected;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function alertIn(value: Uint8Array | null): StreamedAlert {
  return streamedAlertSchema.parse(JSON.parse(Buffer.from(value ?? []).toString('utf8')));
}
