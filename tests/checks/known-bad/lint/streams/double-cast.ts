export function asNumber(text: string): number {
  return text as unknown as number;
}
