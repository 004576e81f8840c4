import type { AlertFeedback } from '../../contracts/alert-feedback.ts';
import { bySeverity, type Cells } from '../grouping/cells.ts';
import { type CellKeys, createCellKeys } from '../grouping/cell-keys.ts';
import type { LearnedFacts, LearnedLevel } from '../scorer.ts';
import { learnedCell, type OutcomeChange, takeOutcome } from './alert-memory.ts';
import type { SharedCell, ToldCell } from './learned-cells.ts';
import { logOddsOf, ofNameAlone, shareOf, withinBound } from './odds.ts';
import { count, createTally, fadedTo, isEmpty, type Tally } from './tally.ts';

/** What tenants learn from each other stands under the tenant that nobody is. */
const sharedPrefix = '/';
/** Names, and names on a host, of one tenant with feedback; circumstances of a name; tenants that share. */
const most = { told: 20_000, circumstances: 16, tenants: 200 } as const;
/** How many verdicts what is known from further away counts as, against those of the level itself. */
const priorVerdicts = { others: 8, name: 8, alike: 4, here: 2 } as const;
/** Fewer other tenants than these say nothing. */
const leastTenants = 3;

/** Which alert it is about: what feedback on one says of another. */
export interface Subject {
  readonly name: string;
  readonly host: string;
  readonly ruleId: string;
  readonly circumstance: string | null;
}

/**
 * Learns from people's feedback what alerts are of use, for one tenant, with what other tenants made of the same rule as
 * the start: counts by rule, by name, by name and circumstances, and by name and host, each with the one before it as
 * its prior (shrinkage of a beta-binomial). All state is in `cells`, bounded by the limits above; O(1) an outcome.
 * Deterministic in the order of what it takes; what it took before changes nothing.
 */
export class FeedbackModel {
  readonly #tenantId: string;
  readonly #cells: Cells;
  readonly #keys: CellKeys;

  constructor(tenantId: string, cells: Cells) {
    this.#tenantId = tenantId;
    this.#cells = cells;
    this.#keys = createCellKeys(tenantId);
  }

  /** Takes what came of one of the tenant's alerts. `home`: this is where the tenant's own alerts are scored. */
  take(feedback: AlertFeedback, home: boolean): void {
    const shared = takeOutcome(this.#cells, sharedPrefix, feedback);
    if (shared !== null) this.#share(feedback, shared);
    if (!home) return;
    const change = takeOutcome(this.#cells, this.#keys.prefix, feedback);
    if (change === null) return;
    const { name, host, circumstance } = feedback;
    this.#count(this.#keys.toldOfName(name), circumstance, change, feedback.atMs);
    this.#count(this.#keys.toldOfKind(host, name), null, change, feedback.atMs);
  }

  /** What is known of such alerts as of when this one opened. */
  factsOf({ name, host, ruleId, circumstance }: Subject, openedMs: number): LearnedFacts {
    const levels: LearnedLevel[] = [];
    let odds = this.#others(ruleId, name, openedMs, levels);
    const ofName = this.#told(this.#keys.toldOfName(name));
    odds = this.#level('name', ofName?.all, odds, openedMs, levels);
    odds = this.#level('alike', ofName?.by[circumstance ?? ''], odds, openedMs, levels, circumstance);
    this.#level('here', this.#told(this.#keys.toldOfKind(host, name))?.all, odds, openedMs, levels);
    return { model: learnedCell(this.#cells, this.#keys.prefix).outcomes, levels };
  }

  #level(
    of: Exclude<LearnedLevel['of'], 'others'>,
    tally: Tally | undefined,
    prior: number,
    nowMs: number,
    levels: LearnedLevel[],
    circumstance: string | null = null,
  ): number {
    if (tally === undefined || isEmpty(tally)) return prior;
    const found = shareOf(fadedTo(tally, nowMs), priorVerdicts[of], prior);
    const share = of === 'name' ? ofNameAlone(found) : found;
    const { verdicts, noises, handled } = tally;
    const words = circumstance === null ? {} : { circumstance };
    levels.push({ of, logOdds: logOddsOf(share) - logOddsOf(prior), verdicts, noises, handled, ...words });
    return share;
  }

  /** What the other tenants say, each within its bound; a half, which says nothing, where they are too few. */
  #others(ruleId: string, name: string, nowMs: number, levels: LearnedLevel[]): number {
    const cell = this.#cells.get(sharedKey(ruleId, name));
    if (cell?.cell !== 'shared') return 0.5;
    const others = Object.entries(cell.tenants)
      .filter(([tenantId, tally]) => tenantId !== this.#tenantId && !isEmpty(tally))
      .map(([, tally]) => withinBound(fadedTo(tally, nowMs)));
    if (others.length < leastTenants) return 0.5;
    const sum = { useful: 0, noise: 0 };
    for (const { useful, noise } of others)
      [sum.useful, sum.noise] = [sum.useful + useful, sum.noise + noise];
    const share = ofNameAlone(shareOf(sum, priorVerdicts.others, 0.5));
    const noises = others.filter(({ useful, noise }) => noise > useful).length;
    levels.push({ of: 'others', logOdds: logOddsOf(share), verdicts: others.length, noises, handled: 0 });
    return share;
  }

  #told(key: string): ToldCell | undefined {
    const cell = this.#cells.get(key);
    return cell?.cell === 'told' ? cell : undefined;
  }

  #count(key: string, circumstance: string | null, change: OutcomeChange, nowMs: number): void {
    let told = this.#told(key);
    if (told === undefined) {
      const totals = learnedCell(this.#cells, this.#keys.prefix);
      if (totals.told >= most.told) return;
      totals.told++;
      this.#cells.put(`${this.#keys.prefix}learned`, totals);
      told = { cell: 'told', all: createTally(), by: {}, lastMs: nowMs };
    }
    apply(told.all, change);
    if (circumstance !== null) {
      const of = told.by[circumstance] ?? createTally();
      if (Object.keys(told.by).length < most.circumstances) told.by[circumstance] = of;
      apply(of, change);
    }
    told.lastMs = Math.max(told.lastMs, nowMs);
    this.#cells.put(key, told);
  }

  #share({ ruleId, name, atMs }: AlertFeedback, change: OutcomeChange): void {
    const key = sharedKey(ruleId, name);
    const known = this.#cells.get(key);
    const cell: SharedCell = known?.cell === 'shared' ? known : { cell: 'shared', tenants: {}, lastMs: 0 };
    const tally = cell.tenants[this.#tenantId];
    if (tally === undefined && Object.keys(cell.tenants).length >= most.tenants) return;
    apply((cell.tenants[this.#tenantId] = tally ?? createTally()), change);
    cell.lastMs = Math.max(cell.lastMs, atMs);
    this.#cells.put(key, cell);
  }
}

/** Takes back what an alert was counted as, and counts what it is now. */
function apply(tally: Tally, { before, after }: OutcomeChange): void {
  if (before !== null) count(tally, before.outcome, before.atMs, -1);
  if (after !== null) count(tally, after.outcome, after.atMs, 1);
}

/** What tenants have in common: the rule, or the type of the event. No text of a device. */
function sharedKey(ruleId: string, name: string): string {
  const [eventType = ''] = name.split(': ', 1);
  return `${sharedPrefix}shared/${ruleId === bySeverity ? `event ${eventType.slice(0, 80)}` : `rule ${ruleId}`}`;
}
