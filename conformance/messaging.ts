import { type Deviations, describeLaws } from './laws.ts';
import { consumingLaws } from './messaging-laws/consuming.ts';
import { publishingLaws } from './messaging-laws/publishing.ts';
import { retainingLaws } from './messaging-laws/retaining.ts';
import type { MessagingSubject } from './messaging-laws/subject.ts';

/** The laws of `brokers/messaging.ts`, held against one engine. */
export function describeMessaging(
  name: string,
  options: {
    readonly create: () => Promise<MessagingSubject>;
    readonly deviations?: Deviations;
  },
): void {
  describeLaws(`messaging on ${name}`, { ...publishingLaws, ...retainingLaws, ...consumingLaws }, options);
}
