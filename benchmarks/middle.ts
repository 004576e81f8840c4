/** The median of measured values, of two in the middle the higher; undefined where there is none. */
export function middleOf(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
