import { crc32c } from '@node-rs/crc32';

import { attributesAt, batchHeaderBytes, checksumAt } from '../../../../streams/record-batch.ts';
import { crcOfOtherHead } from './crc-of-other-head.ts';

const transactionalBit = 16;

/** Under which producer, and as which of its records to the partition, a batch is sent (KIP-98). */
export interface ProducerStamp {
  readonly producerId: number;
  readonly epoch: number;
  readonly baseSequence: number;
}

/**
 * A sealed batch as two pieces to send behind each other: a new header for the producer's transaction, and the
 * records as they are. The batch itself is not changed, and its records are neither copied nor read: the new checksum is
 * made of the old one, so that the broker finds what was damaged since the batch was sealed.
 */
export function sealForProducer(batch: Buffer, stamp: ProducerStamp): readonly [Buffer, Buffer] {
  const header = Buffer.from(batch.subarray(0, batchHeaderBytes));
  const records = batch.subarray(batchHeaderBytes);
  header.writeInt16BE(header.readInt16BE(attributesAt) | transactionalBit, attributesAt);
  header.writeBigInt64BE(BigInt(stamp.producerId), 43);
  header.writeInt16BE(stamp.epoch, 51);
  header.writeInt32BE(stamp.baseSequence, 53);
  const before = crc32c(batch.subarray(attributesAt, batchHeaderBytes));
  const after = crc32c(header.subarray(attributesAt));
  const crc = crcOfOtherHead(batch.readUInt32BE(checksumAt), before, after, records.length);
  header.writeUInt32BE(crc, checksumAt);
  return [header, records];
}
