import { z } from 'zod';

import { type Alert, alertSchema, alertStepSchema } from '../../contracts/alert.ts';

const time = z.iso.datetime();

const answeredStepSchema = alertStepSchema.omit({ atMs: true }).extend({ at: time });

/** An alert as HTTP answers it: times in RFC 3339. */
export const answeredAlertSchema = alertSchema
  .omit({ firstEventTimeMs: true, lastEventTimeMs: true, snoozedUntilMs: true })
  .extend({
    firstEventTime: time,
    lastEventTime: time,
    snoozedUntil: time.nullable(),
    steps: z.array(answeredStepSchema).describe('What people did with it, oldest first: the audit.'),
  })
  .meta({ id: 'Alert' });
type AnsweredAlert = z.infer<typeof answeredAlertSchema>;

export function toAnswer(alert: Alert): AnsweredAlert {
  const { firstEventTimeMs, lastEventTimeMs, snoozedUntilMs, steps, ...rest } = alert;
  return {
    ...rest,
    firstEventTime: rfc3339(firstEventTimeMs),
    lastEventTime: rfc3339(lastEventTimeMs),
    snoozedUntil: snoozedUntilMs === null ? null : rfc3339(snoozedUntilMs),
    steps: steps.map(({ atMs, ...step }) => ({ ...step, at: rfc3339(atMs) })),
  };
}

function rfc3339(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
