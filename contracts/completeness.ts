import { z } from 'zod';

/** How complete an answer is. It was found out before the question was asked, so the answer has no less. */
export const completenessSchema = z.object({
  /** Every event that was accepted before this moment is in the answer; null where a pipeline has stopped. */
  completeTo: z.iso.datetime().nullable(),
  late: z.object({
    /** Devices that have not reported lately, and of how many. */
    devices: z.int(),
    ofDevices: z.int(),
    /** The first of them, by id: at most `lateDeviceLimit`. */
    deviceIds: z.array(z.string()),
    /** Pipelines that have stopped or are behind. */
    pipelines: z.array(
      z.object({
        name: z.string(),
        state: z.enum(['starting', 'running', 'stopped']),
        /** Records that wait before it. */
        lag: z.number(),
        /** Where they wait: `topic/partition`, most first. */
        partitions: z.array(z.string()),
      }),
    ),
  }),
});
export type Completeness = z.infer<typeof completenessSchema>;

export const lateDeviceLimit = 20;
