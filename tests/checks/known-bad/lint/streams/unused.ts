export function first(records: readonly string[]): string | undefined {
  const last = records.at(-1);
  return records[0];
}
