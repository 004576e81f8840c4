/** Bytes in base64 as text: what is no UTF-8 shows as replacement characters. null is a tombstone. */
export function textOfBytes(base64: string | null): string {
  if (base64 === null) return '(a tombstone: no bytes)';
  const binary = atob(base64);
  return new TextDecoder().decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
}
