/** A length-delimited field; `field` is below 16. */
export function delimited(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([field * 8 + 2, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}

/** An ExportLogsServiceRequest of one record. */
export function logsRequest(record: Buffer): Buffer {
  return delimited(1, delimited(2, delimited(2, record)));
}
