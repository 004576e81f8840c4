export function writeAll(records: readonly string[], write: (record: string) => Promise<void>): void {
  records.forEach(async (record) => {
    await write(record);
  });
}
