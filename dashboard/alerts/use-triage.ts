import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import type { AnsweredTriage, EvidenceRow, TriageStep } from '../../contracts/triage.ts';
import { OpenFrameError } from '../../contracts/errors.ts';
import type { Api } from '../api/client.ts';
import { useApp } from '../app-context.tsx';

/** A triage as REST answers it: its times are RFC 3339. */
export interface ListedTriage extends Omit<AnsweredTriage, 'madeAtMs' | 'evidence'> {
  readonly madeAt: string;
  readonly evidence: readonly ListedEvidence[];
}

export interface ListedEvidence extends Omit<EvidenceRow, 'atMs'> {
  readonly at: string | null;
}

export type TriageProgress = Omit<Extract<TriageStep, { kind: 'progress' }>, 'kind'>;

/** What is made of an incident, and the way to have the model asked. Read again when `version` is another. */
export function useTriage(incidentId: string, version: string) {
  const { api } = useApp();
  const queries = useQueryClient();
  const path = `/incidents/${encodeURIComponent(incidentId)}/triage`;
  // It is made of pages of events, so it is asked for when somebody looks, not every few seconds.
  const read = useQuery({
    queryKey: [path, version],
    queryFn: ({ signal }) => api.get<ListedTriage>(path, {}, signal),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
  const [progress, setProgress] = useState<TriageProgress | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const asking = useRef<AbortController | null>(null);
  useEffect(() => () => asking.current?.abort(), [path]);
  const ask = async (): Promise<void> => {
    const leaving = new AbortController();
    asking.current = leaving;
    setError(null);
    setProgress({ stage: 'asking', attempt: 1, received: 0 });
    try {
      const triage = await asked(api, path, leaving.signal, setProgress);
      queries.setQueryData([path, version], triage);
    } catch (cause) {
      if (!leaving.signal.aborted) setError(cause instanceof Error ? cause : new Error(String(cause)));
    }
    if (asking.current === leaving) setProgress(null);
  };
  const stop = (): void => {
    asking.current?.abort();
    setProgress(null);
  };
  return { read, ask, stop, progress, error };
}

async function asked(
  api: Api,
  path: string,
  signal: AbortSignal,
  onProgress: (progress: TriageProgress) => void,
): Promise<ListedTriage> {
  for await (const { event, data } of api.postForEvents(path, {}, signal)) {
    if (event === 'progress') onProgress(data as TriageProgress);
    if (event === 'triage') return data as ListedTriage;
    if (event === 'problem') throw new OpenFrameError('INTERNAL', (data as { detail: string }).detail);
  }
  throw new OpenFrameError('STORE_UNAVAILABLE', 'The connection ended before the answer came; ask again.');
}
