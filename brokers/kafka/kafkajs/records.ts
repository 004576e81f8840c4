import kafkajs, { type IHeaders, type KafkaMessage, type Message } from 'kafkajs';

import { HeaderReader, RecordCursor } from '../../../streams/record-cursor.ts';
import { compress, decompress } from '../../../streams/zstd.ts';
import { type AssembledBatch, BatchAssembler, type ClientHeader } from '../batch-assembler.ts';

/** A compressed batch may claim any size: refuse to inflate beyond this. */
const inflateLimitBytes = 256 * 1024 * 1024;

/** kafkajs leaves zstd to its users. Once for the process. */
export function registerZstd(): void {
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
    compress: (encoder: { readonly buffer: Buffer }) => Promise.resolve(compress(encoder.buffer)),
    decompress: (frame: Buffer) => Promise.resolve(decompress(frame, inflateLimitBytes)),
  });
}

/** The records of a sealed batch as kafkajs takes them. */
export function messagesOf(batch: Buffer, partition: number): Message[] {
  const cursor = new RecordCursor();
  const messages: Message[] = [];
  cursor.reset(batch);
  while (cursor.next()) {
    messages.push({
      partition,
      key: cursor.keyStart < 0 ? null : cursor.bytes.subarray(cursor.keyStart, cursor.keyEnd),
      value: cursor.value(),
      timestamp: String(cursor.timestampMs),
      headers: headersOf(cursor),
    });
  }
  return messages;
}

/** The messages from `fromOffset` on, in the batches in which they were stored. */
export function batchesOf(messages: readonly KafkaMessage[], fromOffset: number): readonly AssembledBatch[] {
  const assembler = new BatchAssembler();
  let stored = '';
  for (const message of messages) {
    const offset = Number(message.offset);
    if (offset < fromOffset) continue;
    const { batchContext } = message as { readonly batchContext?: { readonly firstOffset: string } };
    const from = batchContext?.firstOffset ?? '';
    if (from !== stored) assembler.seal();
    stored = from;
    const { key, value, headers } = message;
    assembler.add({
      offset,
      timestampMs: Number(message.timestamp),
      key,
      value,
      headers: entriesOf(headers ?? {}),
    });
  }
  return assembler.take();
}

function headersOf(cursor: RecordCursor): IHeaders {
  const reader = new HeaderReader();
  const headers: IHeaders = {};
  reader.reset(cursor.bytes, cursor.headersStart, cursor.headersEnd);
  while (reader.next()) {
    const name = cursor.bytes.toString('utf8', reader.nameStart, reader.nameEnd);
    const value = cursor.bytes.subarray(Math.max(reader.valueStart, 0), reader.valueEnd);
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else headers[name] = [...(Array.isArray(before) ? before : [before]), value];
  }
  return headers;
}

function entriesOf(headers: IHeaders): ClientHeader[] {
  return Object.entries(headers).flatMap(([name, value]): ClientHeader[] =>
    (Array.isArray(value) ? value : [value]).map((one) => [name, one ?? null]),
  );
}
