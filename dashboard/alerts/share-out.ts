/**
 * The numbers rounded to `digits` decimals, such that they add up to their rounded sum: the largest remainders get
 * what rounding down has left. In the order given.
 */
export function shareOut(numbers: readonly number[], digits: number): readonly number[] {
  const unit = 10 ** digits;
  const scaled = numbers.map((number) => number * unit);
  const floors = scaled.map(Math.floor);
  const whole = Math.round(scaled.reduce((sum, number) => sum + number, 0));
  const left = whole - floors.reduce((sum, number) => sum + number, 0);
  const byRemainder = scaled
    .map((number, at) => ({ at, remainder: number - Math.floor(number) }))
    .sort((a, b) => b.remainder - a.remainder);
  const raised = new Set(byRemainder.slice(0, left).map(({ at }) => at));
  return floors.map((floor, at) => (floor + (raised.has(at) ? 1 : 0)) / unit);
}
