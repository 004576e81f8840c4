import { z } from 'zod';

export const stageStatusSchema = z.object({
  name: z.string(),
  recordsIn: z.number(),
  emitted: z.number(),
  /** Dropped records by reason, such as `duplicate`. */
  dropped: z.record(z.string(), z.number()),
  deadLetters: z.number(),
  /** Records a second that came in over the last seconds. */
  ratePerSecond: z.number(),
  /** Mean time in the stage for a record, microseconds, by sampling. */
  microsPerRecord: z.number(),
});
export type StageStatus = z.infer<typeof stageStatusSchema>;

/** What a running topology or sink says of itself. */
export const pipelineStatusSchema = z.object({
  name: z.string(),
  /** `stopped`: by its own dead-letter limit or a fault; `reason` says which and what to do. */
  state: z.enum(['starting', 'running', 'stopped']),
  reason: z.string().nullable(),
  from: z.array(z.string()),
  to: z.string(),
  recordsIn: z.number(),
  recordsOut: z.number(),
  deadLetters: z.number(),
  ratePerSecond: z.number(),
  /** Records between the group's position and the end of what it reads. */
  lag: z.number(),
  /** The partitions in which they wait; left out where none does. */
  behind: z.array(z.object({ topic: z.string(), partition: z.int(), records: z.number() })).optional(),
  /** From the gateway's acceptance to this pipeline's commit, milliseconds, over the last minute. */
  latencyMs: z.object({ p50: z.number(), p99: z.number(), p999: z.number().optional(), max: z.number() }),
  /**
   * Latencies since the start, milliseconds: HdrHistogram's compressed version 2 in base64. Differences of two
   * answers are the latencies between them.
   */
  histograms: z
    .object({
      /** From the gateway's acceptance to this pipeline's commit. */
      sinceAcceptance: z.string(),
      /** From the event's own time, by the device's clock: of sinks, where its way ends. */
      sinceEvent: z.string().optional(),
    })
    .optional(),
  stages: z.array(stageStatusSchema),
  /** State read back from changelogs since the start, where the pipeline has any. */
  restored: z
    .object({
      /** How often a partition's state was read back. */
      partitions: z.number(),
      records: z.number(),
      sizeBytes: z.number(),
      /** What the state then held: of `telemetry`, the events that dedupe remembers, and devices. */
      entries: z.number(),
      /** Milliseconds, each partition's added up. */
      elapsedMs: z.number(),
      /** Milliseconds for a million entries. */
      msByMillion: z.number(),
    })
    .optional(),
});
export type PipelineStatus = z.infer<typeof pipelineStatusSchema>;
