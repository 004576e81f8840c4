export function keyOf(text: string): string {
  return JSON.parse(text).key;
}
