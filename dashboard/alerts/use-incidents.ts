import type { Incident, NoiseStats, SuppressionStats } from '../../contracts/incident.ts';
import type { ListedAlert } from '../api/answers.ts';
import { usePoll } from '../api/use-poll.ts';

const everyMs = 5_000;

export interface ListedIncident extends Omit<Incident, 'firstEventTimeMs' | 'lastEventTimeMs'> {
  readonly firstEventTime: string;
  readonly lastEventTime: string;
}

export interface WholeIncident extends ListedIncident {
  readonly children: readonly ListedAlert[];
}

export function useIncident(incidentId: string) {
  return useAnswer<WholeIncident>(`/incidents/${encodeURIComponent(incidentId)}`, {});
}

export function useSuppression() {
  return useAnswer<SuppressionStats>('/alerts/suppression', {});
}

export function useNoise() {
  return useAnswer<NoiseStats>('/alerts/noise', {});
}

/** Alerts that are out of sight, or chosen to be judged. */
export function useUnseen(visibility: 'hidden' | 'review') {
  return useAnswer<{ readonly items: readonly ListedAlert[] }>('/alerts', {
    visibility,
    limit: '50',
    sort: 'newest',
  });
}

function useAnswer<Answer>(path: string, parameters: Readonly<Record<string, string>>) {
  return usePoll<Answer>({ path, key: [parameters], params: () => parameters, everyMs, keepFormer: false });
}
