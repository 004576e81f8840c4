import { type Deviations, describeLaws } from './laws.ts';
import { groupsLaws } from './log-laws/groups.ts';
import { readingLaws } from './log-laws/reading.ts';
import { storingLaws } from './log-laws/storing.ts';
import type { LogSubject } from './log-laws/subject.ts';
import { transactionsLaws } from './log-laws/transactions.ts';

/** The laws of `brokers/log.ts`, held against one engine. */
export function describeLog(
  name: string,
  options: {
    readonly create: () => Promise<LogSubject>;
    readonly deviations?: Deviations;
  },
): void {
  describeLaws(
    `log on ${name}`,
    { ...storingLaws, ...transactionsLaws, ...groupsLaws, ...readingLaws },
    options,
  );
}
