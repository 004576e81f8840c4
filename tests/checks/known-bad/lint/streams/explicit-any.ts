export function keyOf(record: any): string {
  return String(record);
}
