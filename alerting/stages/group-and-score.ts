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
import { type AlertCell, type Cell, ruleIdOf } from '../grouping/cells.ts';
import type { GroupingOptions } from '../grouping/options.ts';
import { expireLearning } from '../learned/alert-memory.ts';
import { circumstanceOf } from '../learned/circumstance.ts';
import { FeedbackModel } from '../learned/feedback-model.ts';
import type { AlertScorer, Score } from '../scorer.ts';
import { type Sighting, signalSchema } from '../sighting.ts';
import { endReceipt, isHidden, isReviewed, Suppressor } from '../suppression/suppressor.ts';
import { type ParentBook, parentByDevice, type ParentSet } from '../parent-book.ts';
import type { WindowBook } from '../window-book.ts';

export interface GroupAndScoreOptions {
  readonly grouping: GroupingOptions;
  readonly scorer: AlertScorer;
  readonly windows: WindowBook;
  readonly parents: ParentBook;
}

const grouped = drop('grouped');
const learned = drop('learned');
const unreadable = deadLetter('SIGNAL_UNREADABLE: the value is no signal');
/** Whose cells are those that all tenants share. */
const nobody = '';
const expireEveryMs = 60_000;
/**
 * So many alerts of a tenant settle, or end, in one batch, and the next ones of those that end so much later: where
 * thousands do at once, what other tenants report does not wait for all of them.
 */
const mostAtOnce = 500;
const expireNextMs = 2_000;
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
  readonly ended: boolean;
}

class GroupTask implements StageTask {
  readonly #options: GroupAndScoreOptions;
  readonly #opening: StageOpening;
  readonly #cells: KeyedState<Cell>;
  readonly #tenants = new Map<string, AlertGroups>();
  readonly #models = new Map<string, FeedbackModel>();
  readonly #changed = new Map<string, Changed>();
  readonly #suppressor = new Suppressor();
  readonly #tenantId;
  readonly #ingestTime;
  readonly #value;
  #parents: ParentSet | undefined;
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

  async prepare(): Promise<void> {
    this.#suppressor.useWindows(await this.#options.windows.current());
    const parents = await this.#options.parents.current();
    if (parents === this.#parents) return;
    this.#parents = parents;
    for (const [tenantId, groups] of this.#tenants) groups.useParents(parentByDevice(parents.of(tenantId)));
  }

  process(record: RecordView): Outcome {
    const parsed = signalSchema.safeParse(record.json(this.#value));
    if (!parsed.success) return unreadable;
    const tenantId = record.text(this.#tenantId);
    const ingestTime = record.number(this.#ingestTime);
    if ('feedback' in parsed.data) {
      this.#modelOf(tenantId).take(parsed.data.feedback, parsed.data.home);
      return learned;
    }
    const groups = this.#groupsOf(tenantId);
    if ('tickMs' in parsed.data) this.#tick(groups, tenantId, parsed.data.tickMs);
    else if ('pulse' in parsed.data)
      for (const sighting of groups.takePulse(parsed.data.pulse))
        this.#take(groups, tenantId, sighting, ingestTime);
    else this.#take(groups, tenantId, parsed.data, ingestTime);
    return grouped;
  }

  #take(groups: AlertGroups, tenantId: string, sighting: Sighting, ingestTime: number): void {
    const { phase, presence, timeMs } = sighting;
    const change = (alert: AlertCell, ended = false): void => {
      this.#changed.set(alert.id, { groups, tenantId, alert, ingestTime, ended });
    };
    if (presence !== undefined) {
      for (const alert of groups.setPresence(sighting.host, presence, timeMs)) change(alert);
    }
    if (phase === 'clear') {
      const cleared = groups.clear(sighting);
      if (cleared !== null) change(cleared.alert, cleared.ended);
    } else if (phase !== 'late') {
      const { alert, opened } = groups.observe(sighting);
      if (opened) {
        this.#recall(tenantId, groups, alert);
        const { score } = this.#scoreOf(groups, alert);
        this.#suppressor.opened(tenantId, groups, alert, sighting, score);
      } else this.#suppressor.reconsider(tenantId, groups, alert, timeMs, sighting);
      change(alert);
    }
  }

  /** What feedback says of such alerts is of when it opened: an alert's score does not move by what is said of it. */
  #recall(tenantId: string, groups: AlertGroups, alert: AlertCell): void {
    const circumstance = circumstanceOf(groups.silencesOf({ host: alert.host }), alert.openedMs);
    const { name, host, openedMs } = alert;
    const subject = { name, host, ruleId: ruleIdOf(alert), circumstance };
    const facts = this.#modelOf(tenantId).factsOf(subject, openedMs);
    alert.learned = { circumstance, facts };
    groups.keep(alert);
  }

  /** Time of the stream, told while nothing else is: what waits for it is looked at. */
  #tick(groups: AlertGroups, tenantId: string, nowMs: number): void {
    for (const alert of groups.going()) {
      if (this.#suppressor.reconsider(tenantId, groups, alert, nowMs, null))
        this.#note(groups, tenantId, alert);
    }
    if (nowMs >= this.#expireAtMs) this.#expire(nowMs);
  }

  onWatermark(watermarkMs: number): void {
    if (watermarkMs >= this.#expireAtMs) this.#expire(watermarkMs);
    for (const [tenantId, groups] of this.#tenants) {
      for (const alert of groups.takeSettled(mostAtOnce)) this.#note(groups, tenantId, alert);
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

  #note(groups: AlertGroups, tenantId: string, alert: AlertCell, ended = false): void {
    const known = this.#changed.get(alert.id);
    if (known !== undefined && !ended) return;
    const ingestTime = known?.ingestTime ?? this.#opening.clock.nowMs();
    this.#changed.set(alert.id, { groups, tenantId, alert, ingestTime, ended });
  }

  #expire(nowMs: number): void {
    this.#expireAtMs = nowMs + expireEveryMs;
    for (const [tenantId, known] of this.#byTenant()) {
      expireLearning(this.#cells, `${tenantId}/`, known, nowMs);
      if (tenantId === nobody) continue;
      const groups = this.#groupsOf(tenantId);
      const ended = groups.expire(nowMs, known, mostAtOnce);
      if (ended.length === mostAtOnce) this.#expireAtMs = nowMs + expireNextMs;
      for (const alert of ended) this.#note(groups, tenantId, alert, true);
    }
  }

  #groupsOf(tenantId: string): AlertGroups {
    let groups = this.#tenants.get(tenantId);
    if (groups === undefined) {
      this.#restored ??= this.#byTenant();
      const known = this.#restored.get(tenantId) ?? [];
      groups = new AlertGroups(tenantId, this.#cells, this.#options.grouping, known);
      groups.useParents(parentByDevice(this.#parents?.of(tenantId) ?? new Map()));
      this.#tenants.set(tenantId, groups);
    }
    return groups;
  }

  #modelOf(tenantId: string): FeedbackModel {
    let model = this.#models.get(tenantId);
    if (model === undefined) this.#models.set(tenantId, (model = new FeedbackModel(tenantId, this.#cells)));
    return model;
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

  #emit({ groups, tenantId, alert, ingestTime, ended }: Changed): void {
    const state = ended ? 'OK' : stateOf(groups, alert);
    const value = JSON.stringify(this.#alertOf(groups, tenantId, alert, state));
    const fields = { tenantId, ingestTime, value };
    this.#opening.emit({ key: alert.id, eventTimeMs: alert.lastMs, fields });
  }

  #scoreOf(groups: AlertGroups, alert: AlertCell): Score {
    return this.#options.scorer.score(groups.factsOf(alert));
  }

  #alertOf(groups: AlertGroups, tenantId: string, alert: AlertCell, state: AlertState): StreamedAlert {
    const { scorer } = this.#options;
    const { score, terms } = this.#scoreOf(groups, alert);
    const { detail, name, host, rule, incident, flaps = 0 } = alert;
    if (state === 'OK') endReceipt(alert, alert.lastMs, 'over');
    return {
      alertId: alert.id,
      tenantId,
      state,
      severity: detail?.severity ?? 'WARNING',
      title: detail?.title ?? name,
      score,
      terms: [...terms],
      scorer: { name: scorer.name, version: scorer.version, model: alert.learned?.facts.model ?? 0 },
      circumstance: alert.learned?.circumstance ?? null,
      fingerprint: {
        ruleId: ruleIdOf(alert),
        version: fingerprintVersion,
        fields: { name, host },
      },
      rule: rule === undefined ? null : seenBy(rule),
      incident: incident === undefined ? null : { incidentId: incident.id, edge: incident.edge },
      hidden: isHidden(alert),
      suppressions: alert.suppressions ?? [],
      review: isReviewed(alert),
      flaps,
      deviceId: detail?.deviceId ?? null,
      organizationId: detail?.organizationId ?? null,
      count: alert.count,
      hosts: alert.hosts,
      firstEventTimeMs: alert.openedMs,
      lastEventTimeMs: alert.lastMs,
    };
  }
}

/** What lasts while its device gives no sign of life may be over: nobody knows. */
function stateOf(groups: AlertGroups, alert: AlertCell): AlertState {
  if (alert.noData === true) return 'NO_DATA';
  const { presence } = groups.signsOf(alert.host);
  return presence === 'ok' ? 'FIRING' : presence === 'late' ? 'LATE' : 'NO_DATA';
}

function seenBy({ ruleId, version, kind, summary }: NonNullable<AlertCell['rule']>): StreamedAlert['rule'] {
  return { ruleId, version, kind, summary };
}
