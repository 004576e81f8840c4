import type { TenantScope } from '../contracts/tenant.ts';
import { type Triage, triageSchema } from '../contracts/triage.ts';
import type { DocumentStore } from './documents.ts';

const collection = 'triages';

/** The latest triage of each incident that a model made, kept so that it is not paid for twice. */
export interface TriageBook {
  /** Null where there is none, or one of a newer version. */
  get(scope: TenantScope, incidentId: string): Promise<Triage | null>;
  /** In the place of the one before. */
  keep(scope: TenantScope, triage: Triage): Promise<void>;
  /** Removes those made before then, of all tenants. */
  deleteBefore(timeMs: number): Promise<void>;
}

export function createTriageBook(documents: DocumentStore): TriageBook {
  return {
    async get(scope, incidentId) {
      const kept = triageSchema.safeParse(await documents.get(scope, collection, incidentId));
      return kept.success ? kept.data : null;
    },
    keep: (scope, triage) => documents.put(scope, collection, triage.incidentId, triage),
    async deleteBefore(timeMs) {
      for await (const page of documents.scan<Partial<Triage>>(collection)) {
        for (const { scope, id, document } of page) {
          if ((document.madeAtMs ?? 0) < timeMs) await documents.delete(scope, collection, id);
        }
      }
    },
  };
}
