import { agentEventTypes } from '../../contracts/event.ts';
import type { FleetEvent } from './fleet.ts';

/** A row of a store, as it was read by the store's own driver. */
export interface StoredRow {
  readonly tenantId: string;
  readonly eventId: string;
  /** `payloadHash` of the row; undefined where the store keeps no data. */
  readonly hash?: string;
}

/** What became of the accepted events in one store. */
export interface Verdict {
  readonly accepted: number;
  readonly rows: number;
  /** Accepted events without a row. */
  readonly lost: number;
  /** Rows beyond the first of an event. */
  readonly duplicated: number;
  /** Rows whose tenant or payload is not what was sent. */
  readonly altered: number;
  /** Rows of events that nobody sent. */
  readonly foreign: number;
  /** The first few ids of each kind, for whoever looks for the cause. */
  readonly examples: readonly string[];
}

interface Entry {
  readonly tenantId: string;
  readonly isError: boolean;
  readonly hash: string;
  accepted: boolean;
}

const maxExamples = 20;

/** What was sent and what was accepted, kept apart from the platform: id, tenant and the payload's hash. */
export class Ledger {
  readonly #entries = new Map<string, Entry>();
  #accepted = 0;

  /** Before the event leaves: what is under way at a crash may be stored though nobody was told. */
  sent(event: FleetEvent): void {
    const { eventId, hash, device, type } = event;
    const isError = type === agentEventTypes.log;
    this.#entries.set(eventId, { tenantId: device.tenantId, isError, hash, accepted: false });
  }

  /** The door answered that it has the event. */
  accepted(event: FleetEvent): void {
    const entry = this.#entries.get(event.eventId);
    if (entry === undefined) throw new Error(`The ledger does not know ${event.eventId}.`);
    if (!entry.accepted) this.#accepted++;
    entry.accepted = true;
  }

  get acceptedCount(): number {
    return this.#accepted;
  }

  /** Tenant to its accepted lines of a log that say ERROR: each is to be counted in one alert. */
  errorCounts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { tenantId, isError, accepted } of this.#entries.values()) {
      if (isError && accepted) counts[tenantId] = (counts[tenantId] ?? 0) + 1;
    }
    return counts;
  }

  /** Compares a store with the ledger, row by row. */
  async compare(rows: AsyncIterable<readonly StoredRow[]>): Promise<Verdict> {
    const seen = new Map<string, number>();
    const examples: string[] = [];
    const example = (kind: string, id: string): void => {
      if (examples.length < maxExamples) examples.push(`${kind} ${id}`);
    };
    let count = 0;
    let duplicated = 0;
    let altered = 0;
    let foreign = 0;
    for await (const page of rows) {
      for (const row of page) {
        count++;
        const entry = this.#entries.get(row.eventId);
        if (entry === undefined) {
          foreign++;
          example('foreign', row.eventId);
          continue;
        }
        const before = seen.get(row.eventId) ?? 0;
        seen.set(row.eventId, before + 1);
        if (before > 0) {
          duplicated++;
          example('duplicated', row.eventId);
        }
        if (row.tenantId !== entry.tenantId || (row.hash !== undefined && row.hash !== entry.hash)) {
          altered++;
          example('altered', row.eventId);
        }
      }
    }
    let lost = 0;
    for (const [eventId, entry] of this.#entries) {
      if (!entry.accepted || seen.has(eventId)) continue;
      lost++;
      example('lost', eventId);
    }
    return { accepted: this.#accepted, rows: count, lost, duplicated, altered, foreign, examples };
  }
}
