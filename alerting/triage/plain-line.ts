/**
 * Text of unknown origin as one line of at most `length` characters: without control and format characters, so that it
 * neither breaks out of its line nor shows in another order than it is read (Unicode general categories C, Zl, Zp).
 */
export function plainLine(text: string, length: number): string {
  const line = text
    .slice(0, 4 * length)
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  const characters = [...line];
  return characters.length <= length ? line : `${characters.slice(0, length - 1).join('')}…`;
}
