import { crc32c } from '@node-rs/crc32';

import { attributesAt, batchHeaderBytes } from '../../../../streams/record-batch.ts';

const transactionalBit = 16;

/** Under which producer, and as which of its records to the partition, a batch is sent (KIP-98). */
export interface ProducerStamp {
  readonly producerId: number;
  readonly epoch: number;
  readonly baseSequence: number;
}

/**
 * A sealed batch as two pieces to send behind each other: a new header for the producer's transaction, and the
 * records as they are. The batch itself is not changed, and its records are not copied.
 */
export function sealForProducer(batch: Buffer, stamp: ProducerStamp): readonly [Buffer, Buffer] {
  const header = Buffer.from(batch.subarray(0, batchHeaderBytes));
  const records = batch.subarray(batchHeaderBytes);
  header.writeInt16BE(header.readInt16BE(attributesAt) | transactionalBit, attributesAt);
  header.writeBigInt64BE(BigInt(stamp.producerId), 43);
  header.writeInt16BE(stamp.epoch, 51);
  header.writeInt32BE(stamp.baseSequence, 53);
  header.writeUInt32BE(crc32c(records, crc32c(header.subarray(attributesAt))), 17);
  return [header, records];
}
