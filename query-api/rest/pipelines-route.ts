import { z } from 'zod';

import { type PipelineStatus, pipelineStatusSchema } from '../../contracts/pipeline.ts';
import { jsonType, noParameters, readRoute, type RestRoute } from './route.ts';

/** What runs, how fast and how far behind: figures of the platform, without any tenant's content. */
export function createPipelinesRoute(pipelines: () => Promise<readonly PipelineStatus[]>): RestRoute {
  return readRoute({
    query: noParameters,
    params: noParameters,
    path: '/pipelines',
    operationId: 'listPipelines',
    summary: 'The pipelines with their rates, lag, latency and dead letters by stage',
    tag: 'pipelines',
    description: 'Every topology and sink of this process.',
    content: {
      [jsonType]: z.strictObject({
        items: z.array(pipelineStatusSchema.meta({ id: 'Pipeline' })),
        nextCursor: z.null(),
      }),
    },
    handle: async () => ({ items: await pipelines(), nextCursor: null }),
  });
}
