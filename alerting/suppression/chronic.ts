import type { KindCell } from '../grouping/cells.ts';

const dayMs = 86_400_000;
const rememberDays = 14;
/** What came on so many days before is known. */
const knownDays = 3;
/** It is out of its usual when it is reported so many times as often as ever before, and at least so often. */
const manyTimes = 3;
const leastMany = 10;

/** An episode of the kind begins. */
export function countDay(kind: KindCell, nowMs: number): void {
  const today = Math.floor(nowMs / dayMs);
  const recent = (kind.days ?? []).filter((day) => day > today - rememberDays && day !== today);
  kind.days = [...recent, today];
  kind.most = Math.max(kind.most ?? 0, kind.reports ?? 0);
  kind.reports = 0;
}

/**
 * Whether trouble of this kind, a name on a host, is an old acquaintance: it came on three days of the last two weeks
 * before today, and it is not reported more often than it ever was. A printer that is out of paper each day is told of
 * on three days; a backup that fails on two nights, a service that flaps for hours and what never came before are not
 * known.
 */
export function isChronic({ days = [], reports = 0, most = 0 }: KindCell, nowMs: number): boolean {
  const today = Math.floor(nowMs / dayMs);
  const before = days.filter((day) => day < today && day > today - rememberDays);
  return before.length >= knownDays && reports <= Math.max(leastMany, manyTimes * most);
}
