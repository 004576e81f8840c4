import type { AlertState, StreamedAlert } from '../../contracts/alert.ts';
import { topics } from '../../contracts/topics.ts';
import { createKeyedState, type KeyedState } from '../../streams/keyed-state.ts';
import type { RecordInput } from '../../streams/record-batch.ts';
import type { RecordView, StreamRecord } from '../../streams/record.ts';
import {
  deadLetter,
  drop,
  type Outcome,
  type Stage,
  type StageOpening,
  type StageTask,
} from '../../streams/stage.ts';
import { AlertGroups } from '../grouping/alert-groups.ts';
import type { AlertCell, Cell } from '../grouping/cells.ts';
import type { GroupingOptions } from '../grouping/options.ts';
import type { AlertScorer } from '../scorer.ts';
import { sightingSchema } from '../sighting.ts';

export interface GroupAndScoreOptions {
  readonly grouping: GroupingOptions;
  readonly scorer: AlertScorer;
}

const grouped = drop('grouped');
const unreadable = deadLetter('SIGNAL_UNREADABLE: the value is no signal');
const expireEveryMs = 60_000;
/** Goes up when what makes two reports the same alert changes. */
const fingerprintVersion = 1;

/**
 * Folds reports into alerts and scores them, each tenant by itself. An alert goes out once a batch however often it was
 * reported in it, again when its score has settled, and when it ended. All state is in cells, written with the alerts
 * they caused, so counts are exact whenever the process dies.
 */
export function groupAndScore(options: GroupAndScoreOptions): Stage {
  return {
    name: 'group-and-score',
    reads: ['tenantId', 'ingestTime', 'value'],
    adds: [],
    changelog: { topic: topics.alertsState, cleanup: 'compact' },
    open: (opening) => new GroupTask(options, opening),
  };
}

interface Changed {
  readonly groups: AlertGroups;
  readonly tenantId: string;
  readonly alert: AlertCell;
  readonly ingestTime: number;
  readonly state: AlertState;
}

class GroupTask implements StageTask {
  readonly #options: GroupAndScoreOptions;
  readonly #opening: StageOpening;
  readonly #cells: KeyedState<Cell>;
  readonly #tenants = new Map<string, AlertGroups>();
  readonly #changed = new Map<string, Changed>();
  readonly #tenantId;
  readonly #ingestTime;
  readonly #value;
  #restored: Map<string, [string, Cell][]> | undefined;
  #expireAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: GroupAndScoreOptions, opening: StageOpening) {
    this.#options = options;
    this.#opening = opening;
    this.#cells = createKeyedState<Cell>({ clock: opening.clock });
    this.#tenantId = opening.field('tenantId');
    this.#ingestTime = opening.field('ingestTime');
    this.#value = opening.field('value');
  }

  process(record: RecordView): Outcome {
    const parsed = sightingSchema.safeParse(record.json(this.#value));
    if (!parsed.success) return unreadable;
    const tenantId = record.text(this.#tenantId);
    const ingestTime = record.number(this.#ingestTime);
    const groups = this.#groupsOf(tenantId);
    const { alert } = groups.observe(parsed.data);
    this.#changed.set(alert.id, { groups, tenantId, alert, ingestTime, state: 'FIRING' });
    return grouped;
  }

  onWatermark(watermarkMs: number): void {
    if (watermarkMs >= this.#expireAtMs) this.#expire(watermarkMs);
    for (const [tenantId, groups] of this.#tenants) {
      for (const alert of groups.takeSettled()) this.#note(groups, tenantId, alert);
    }
    for (const change of this.#changed.values()) this.#emit(change);
    this.#changed.clear();
  }

  changes(): readonly RecordInput[] {
    return this.#cells.changes();
  }

  restore(record: StreamRecord): void {
    this.#cells.restore(record);
  }

  #note(groups: AlertGroups, tenantId: string, alert: AlertCell, state?: 'OK'): void {
    const known = this.#changed.get(alert.id);
    if (known !== undefined && state === undefined) return;
    const ingestTime = known?.ingestTime ?? this.#opening.clock.nowMs();
    this.#changed.set(alert.id, { groups, tenantId, alert, ingestTime, state: state ?? 'FIRING' });
  }

  #expire(nowMs: number): void {
    this.#expireAtMs = nowMs + expireEveryMs;
    for (const [tenantId, known] of this.#byTenant()) {
      const groups = this.#groupsOf(tenantId);
      for (const alert of groups.expire(nowMs, known)) this.#note(groups, tenantId, alert, 'OK');
    }
  }

  #groupsOf(tenantId: string): AlertGroups {
    let groups = this.#tenants.get(tenantId);
    if (groups === undefined) {
      this.#restored ??= this.#byTenant();
      const known = this.#restored.get(tenantId) ?? [];
      groups = new AlertGroups(tenantId, this.#cells, this.#options.grouping, known);
      this.#tenants.set(tenantId, groups);
    }
    return groups;
  }

  /** One pass over all cells, so that many tenants do not each make one. */
  #byTenant(): Map<string, [string, Cell][]> {
    const byTenant = new Map<string, [string, Cell][]>();
    for (const entry of this.#cells.entries()) {
      const tenantId = entry[0].slice(0, entry[0].indexOf('/'));
      const of = byTenant.get(tenantId);
      if (of === undefined) byTenant.set(tenantId, [entry]);
      else of.push(entry);
    }
    return byTenant;
  }

  #emit({ groups, tenantId, alert, ingestTime, state }: Changed): void {
    const value = Buffer.from(JSON.stringify(this.#alertOf(groups, tenantId, alert, state)));
    const fields = { tenantId, ingestTime, value };
    this.#opening.emit({ key: alert.id, eventTimeMs: alert.lastMs, fields });
  }

  #alertOf(groups: AlertGroups, tenantId: string, alert: AlertCell, state: AlertState): StreamedAlert {
    const { scorer } = this.#options;
    const { score, terms } = scorer.score(groups.factsOf(alert));
    const { detail, name, host } = alert;
    return {
      alertId: alert.id,
      tenantId,
      state,
      severity: detail?.severity ?? 'WARNING',
      title: detail?.title ?? name,
      score,
      terms: [...terms],
      scorer: { name: scorer.name, version: scorer.version },
      fingerprint: { ruleId: 'event-severity', version: fingerprintVersion, fields: { name, host } },
      deviceId: detail?.deviceId ?? null,
      organizationId: detail?.organizationId ?? null,
      count: alert.count,
      hosts: alert.hosts,
      firstEventTimeMs: alert.openedMs,
      lastEventTimeMs: alert.lastMs,
    };
  }
}
