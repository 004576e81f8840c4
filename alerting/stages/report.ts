import { z } from 'zod';

import { severitySchema } from '../../contracts/event.ts';
import type { Sighting } from '../sighting.ts';
import type { RecordView } from '../../streams/record.ts';
import {
  deadLetter,
  drop,
  type Outcome,
  type Stage,
  type StageOpening,
  type StageTask,
} from '../../streams/stage.ts';
import { maskText } from './mask-text.ts';

const eventSchema = z.object({
  source: z.string(),
  eventType: z.string(),
  severity: severitySchema,
  deviceId: z.string().optional(),
  hostname: z.string().optional(),
  organizationId: z.string().optional(),
  summary: z.string(),
  eventTime: z.number(),
  ingestTime: z.number(),
});
type ReportedEvent = z.infer<typeof eventSchema>;

const reported = drop('reported');
const quiet = drop('no-trouble');
const unreadable = deadLetter('EVENT_UNREADABLE: the value is no enriched event');
/** As the enriched JSON has it, before `data`: within a text the quotes would be escaped. */
const severityMember = Buffer.from('"severity":"');
const [letterD, letterI] = [0x44, 0x49];

/**
 * Reports every event of severity WARNING and above: its outcome was bad, whatever its type. The name is the event's
 * type and its summary without numbers, so that the same trouble counts as one. What is quiet is told from the bytes,
 * without parsing. The report is keyed by tenant, and its time is never after the event's acceptance.
 */
export const report: Stage = {
  name: 'report',
  reads: ['tenantId', 'ingestTime', 'value'],
  adds: [],
  open: (opening) => new ReportTask(opening),
};

class ReportTask implements StageTask {
  readonly #opening: StageOpening;
  readonly #tenantId;
  readonly #value;

  constructor(opening: StageOpening) {
    this.#opening = opening;
    this.#tenantId = opening.field('tenantId');
    this.#value = opening.field('value');
  }

  process(record: RecordView): Outcome {
    if (isQuiet(record.range(this.#value))) return quiet;
    const parsed = eventSchema.safeParse(record.json(this.#value));
    if (!parsed.success) return unreadable;
    const { ingestTime } = parsed.data;
    const tenantId = record.text(this.#tenantId);
    const sighting = sightingOf(parsed.data);
    this.#opening.emit({
      key: tenantId,
      eventTimeMs: sighting.timeMs,
      fields: { tenantId, ingestTime, value: Buffer.from(JSON.stringify(sighting)) },
    });
    return reported;
  }
}

function isQuiet({
  bytes,
  start,
  end,
}: {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}): boolean {
  const at = bytes.subarray(start, end).indexOf(severityMember);
  if (at < 0) return false;
  const letter = bytes[start + at + severityMember.length];
  return letter === letterD || letter === letterI;
}

function sightingOf(event: ReportedEvent): Sighting {
  const { eventType, summary, severity, deviceId, organizationId, source } = event;
  return {
    name: `${eventType}: ${maskText(summary)}`,
    host: deviceId ?? source,
    timeMs: Math.min(event.eventTime, event.ingestTime),
    detail: {
      severity,
      title:
        event.hostname === undefined ? summary.slice(0, 300) : `${event.hostname}: ${summary.slice(0, 300)}`,
      deviceId: deviceId ?? null,
      organizationId: organizationId ?? null,
    },
  };
}
