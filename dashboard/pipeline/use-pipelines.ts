import type { UseQueryResult } from '@tanstack/react-query';

import type { Page, PipelineStatus } from '../api/answers.ts';
import { usePoll } from '../api/use-poll.ts';

/** What runs, how fast and how far behind. */
export function usePipelines(): UseQueryResult<Page<PipelineStatus>> {
  return usePoll<Page<PipelineStatus>>({ path: '/pipelines', key: [], params: () => ({}), everyMs: 2_000 });
}
