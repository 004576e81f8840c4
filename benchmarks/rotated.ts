/** The list from its `by`th on, and then those before: in another order each round. */
export function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const shift = by % list.length;
  return [...list.slice(shift), ...list.slice(0, shift)];
}
