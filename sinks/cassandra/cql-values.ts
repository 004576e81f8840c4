/*
 * Values as the native protocol carries them (specification v4, section 6). Encoded once for a whole partition
 * where they are equal there, they save the driver a conversion for each row.
 */

/** `date` counts days from the middle of its unsigned range. */
const dateOfEpoch = 2 ** 31;

/** A CQL `date` from the days since the epoch, which may be negative. */
export function dateValue(epochDay: number): Buffer {
  const value = Buffer.allocUnsafe(4);
  value.writeUInt32BE(dateOfEpoch + epochDay);
  return value;
}

/** A CQL `int`. */
export function intValue(number: number): Buffer {
  const value = Buffer.allocUnsafe(4);
  value.writeInt32BE(number);
  return value;
}

/** A CQL `bigint` or `timestamp` from an integer below 2^53, or from any 64 bits. */
export function bigintValue(number: bigint): Buffer {
  const value = Buffer.allocUnsafe(8);
  value.writeBigInt64BE(number);
  return value;
}

const uint32 = 2 ** 32;

/** A CQL `timestamp`. */
export function timestampValue(timeMs: number): Buffer {
  const value = Buffer.allocUnsafe(8);
  const high = Math.floor(timeMs / uint32);
  value.writeInt32BE(high);
  value.writeUInt32BE(timeMs - high * uint32, 4);
  return value;
}

/** A CQL `uuid` from its text with hyphens. */
export function uuidValue(text: string): Buffer {
  return Buffer.from(text.replaceAll('-', ''), 'hex');
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}
