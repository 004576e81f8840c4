import { attributesAt, setBaseOffset, zstdCodec } from './record-batch.ts';

/** Where a batch's header has what brokers and producers number it by, and what stands there when they have not. */
const leaderEpochAt = 12;
const noLeaderEpoch = -1;
const producerIdAt = 43;
const noProducerId = -1n;

/**
 * Whether a sealed batch is of the kind that `RecordBatchBuilder` makes: times set by whoever wrote it, plain or
 * zstd, no control batch, and neither of a transaction nor of an idempotent producer.
 */
export function isPlainBatch(batch: Buffer): boolean {
  const attributes = batch.readInt16BE(attributesAt);
  return (
    (attributes === 0 || attributes === zstdCodec) && batch.readBigInt64BE(producerIdAt) === noProducerId
  );
}

/** A copy of a plain batch as a builder hands it out: at offset 0, numbered by no broker. The CRC leaves both out. */
export function unnumbered(batch: Buffer): Buffer {
  const copy = Buffer.from(batch);
  setBaseOffset(copy, 0);
  copy.writeInt32BE(noLeaderEpoch, leaderEpochAt);
  return copy;
}
