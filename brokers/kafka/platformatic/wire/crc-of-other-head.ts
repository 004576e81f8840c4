const polynomial = 0x82f63b78;
const highestBit = 0x80000000;

/** x^(2^n) modulo the polynomial, bits reflected: what shifts a checksum by 2^n bits. */
const powers = new Int32Array(32);
for (let n = 0, power = 0x40000000; n < powers.length; n++) {
  powers[n] = power;
  power = product(power, power);
}

/**
 * The CRC-32C (RFC 3720 appendix B.4) of a content whose head was replaced by one of the same length, without reading
 * what stands behind the head: checksums are linear. `before` and `after` are the checksums of the heads alone,
 * `behindBytes` the length of what stands behind them. What was damaged before is damaged afterwards, too.
 */
export function crcOfOtherHead(crc: number, before: number, after: number, behindBytes: number): number {
  let shift: number = highestBit;
  for (let rest = behindBytes, n = 3; rest > 0; rest = Math.floor(rest / 2), n++) {
    if (rest % 2 === 1) shift = product(powers[n & 31] ?? 0, shift);
  }
  return (crc ^ product(shift, before ^ after)) >>> 0;
}

/** The product of two polynomials over GF(2), modulo the checksum's. */
function product(a: number, b: number): number {
  let result = 0;
  let multiple = b;
  for (let bit = highestBit; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) result ^= multiple;
    multiple = (multiple & 1) === 0 ? multiple >>> 1 : (multiple >>> 1) ^ polynomial;
  }
  return result;
}
