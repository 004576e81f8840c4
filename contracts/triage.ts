import { z } from 'zod';

export const evidenceKinds = ['alert', 'edge', 'receipt', 'device', 'event'] as const;

/** One row of what a triage may rest on. */
export const evidenceRowSchema = z.object({
  /** Unique within the triage: a letter for the kind and a number, such as `A1`. Claims cite it. */
  id: z.string(),
  kind: z.enum(evidenceKinds),
  /** What the row says, in one line. May hold text from a device. */
  text: z.string(),
  /** What it is about, as far as it is about one; null where it is not. */
  alertId: z.string().nullable(),
  deviceId: z.string().nullable(),
  eventId: z.string().nullable(),
  /** When it happened, milliseconds since the epoch; null for what has no moment. */
  atMs: z.number().nullable(),
});
export type EvidenceRow = z.infer<typeof evidenceRowSchema>;

/** A statement, and the ids of the rows that it rests on. */
export const claimSchema = z.object({ text: z.string(), evidence: z.array(z.string()) });
export type Claim = z.infer<typeof claimSchema>;

export const likelihoods = ['likely', 'possible', 'unlikely'] as const;

/** What may be behind an incident, and what speaks for it. */
export const hypothesisSchema = z.object({
  cause: z.string(),
  likelihood: z.enum(likelihoods),
  because: z.array(claimSchema),
});
export type Hypothesis = z.infer<typeof hypothesisSchema>;

/** What somebody makes of an incident's evidence, before and after the claims without evidence are struck out. */
export const findingsSchema = z.object({
  summary: z.array(claimSchema),
  /** The most likely first. */
  hypotheses: z.array(hypothesisSchema),
  nextCheck: claimSchema.nullable(),
  /** Why the cause cannot be told from this evidence; null where it can. */
  cannotBeTold: z.string().nullable(),
});
export type Findings = z.infer<typeof findingsSchema>;

/** Why a model that was asked did not make the triage. */
export const fallbackReasons = [
  'no-key',
  'budget-gone',
  'refused',
  'overloaded',
  'malformed',
  'unfounded',
  'timed-out',
  'unreachable',
  'not-allowed',
] as const;
export type FallbackReason = (typeof fallbackReasons)[number];

/** `madeBy` of the triage that no model made. */
export const deterministicName = 'deterministic';

export const triageSchema = findingsSchema.extend({
  incidentId: z.string(),
  /** `deterministic`, or the model's name. */
  madeBy: z.string(),
  madeAtMs: z.number(),
  /** Claims that were taken out because they cite nothing, or what is not among the evidence. */
  struck: z.int(),
  evidence: z.array(evidenceRowSchema),
  /** Rows that there was no room for. */
  leftOut: z.int(),
  /** Of the evidence: equal evidence, equal hash. */
  evidenceHash: z.string(),
  /** What the model took; the cost in US dollars where its prices are set. */
  tokens: z.object({ input: z.int(), output: z.int(), costUsd: z.number().nullable() }),
});
export type Triage = z.infer<typeof triageSchema>;

/** A triage as it is answered. */
export const answeredTriageSchema = triageSchema.extend({
  /** The evidence is as it was when the triage was made. */
  current: z.boolean(),
  /** It was made before, and is answered again. */
  cached: z.boolean(),
  /** A model was asked, and this is why it did not make it; null where none was asked, or it made it. */
  fallback: z.object({ reason: z.enum(fallbackReasons), message: z.string() }).nullable(),
  /** The model that can be asked, and the tokens that the tenant has left for the day (UTC); null where none can. */
  model: z.object({ name: z.string(), tokensLeft: z.int() }).nullable(),
});
export type AnsweredTriage = z.infer<typeof answeredTriageSchema>;

/** How a triage comes to be. The last step is the triage. */
export type TriageStep =
  | {
      readonly kind: 'progress';
      /** The model is asked; it is asked again after a pause; or it answers. */
      readonly stage: 'asking' | 'waiting' | 'answering';
      /** The how-manieth try, from 1. */
      readonly attempt: number;
      /** Characters of the answer so far. */
      readonly received: number;
    }
  | { readonly kind: 'triage'; readonly triage: AnsweredTriage };
