import { z } from 'zod';

/** Why a record could not be processed, with everything needed to look at it and to send it again. */
export const deadLetterSchema = z.object({
  deadLetterId: z.string(),
  /** null where neither the record nor its sender says whose it is. */
  tenantId: z.string().nullable(),
  topology: z.string(),
  stage: z.string(),
  reason: z.string(),
  /** What sent it, such as a tool's server; left out where the stage does not tell senders apart. */
  sender: z.string().optional(),
  /** The fault's own message, where one was thrown. */
  error: z.string().nullable(),
  topic: z.string(),
  partition: z.number().int(),
  offset: z.number().int(),
  eventTimeMs: z.number(),
  deadLetteredAtMs: z.number(),
  key: z.string(),
  headers: z.record(z.string(), z.string()),
  /** base64 of the record's bytes; null for a tombstone. */
  value: z.string().nullable(),
  /** How often this event was replayed before it came here again. */
  replays: z.number().int(),
});
export type DeadLetter = z.infer<typeof deadLetterSchema>;
