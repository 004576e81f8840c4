/**
 * Kafka's default partitioner: murmur2 of the key's bytes, sign bit cleared, modulo the partitions
 * (org.apache.kafka.common.utils.Utils#murmur2), so that every client of the log agrees where a key lives.
 */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/** MurmurHash2, 32 bit, seed 0x9747b28c. Returns a signed 32-bit number. */
export function murmur2(bytes: Uint8Array): number {
  const m = 0x5bd1e995;
  const length = bytes.length;
  let h = 0x9747b28c ^ length;
  const blocks = length >> 2;
  for (let i = 0; i < blocks; i++) {
    const at = i << 2;
    let k =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    h = Math.imul(h, m) ^ Math.imul(k, m);
  }
  const tail = blocks << 2;
  const left = length & 3;
  if (left === 3) h ^= (bytes[tail + 2] ?? 0) << 16;
  if (left >= 2) h ^= (bytes[tail + 1] ?? 0) << 8;
  if (left >= 1) h = Math.imul(h ^ (bytes[tail] ?? 0), m);
  h ^= h >>> 13;
  h = Math.imul(h, m);
  return h ^ (h >>> 15);
}
