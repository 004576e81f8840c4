import type { Role, TenantScope } from '../../contracts/tenant.ts';
import type { AnsweredTriage, TriageStep } from '../../contracts/triage.ts';

/** Who may have a model asked: it takes of the tenant's budget. Reading is for every reader. */
export const triageAskers: readonly Role[] = ['technician', 'operator', 'admin'];

/** What is made of an incident's evidence, for those who ask. */
export interface TriageDesk {
  /**
   * What a model made of the incident before, else the deterministic triage. Asks no model. Null where this tenant has
   * no such incident.
   */
  read(scope: TenantScope, incidentId: string): Promise<AnsweredTriage | null>;
  /**
   * Asks the model, unless it has been asked about the same evidence, and falls back to the deterministic triage with
   * the reason. The last step is the triage. Throws `NOT_FOUND` before the first step.
   */
  ask(scope: TenantScope, incidentId: string, signal: AbortSignal): AsyncIterable<TriageStep>;
}
