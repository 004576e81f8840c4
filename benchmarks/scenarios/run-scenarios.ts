import { notificationTargetSchema } from '../../contracts/notification.ts';
import { Judge, type Judged, type MissedCause, type Page, type Target } from './judge.ts';
import { makePlan, type PlanOptions } from './make-plan.ts';
import { dayMs, type Plan } from './plan.ts';
import { ProductStream } from './product-stream.ts';
import { createRawRecords } from './raw-records.ts';
import { type FeedbackOptions, Technicians } from './technicians.ts';

/** Targets of notifications; the product's default is the first. */
const byDefault: Target = notificationTargetSchema.parse({ targetId: 'x', url: 'https://x.example' });
const others = [
  ...[0, 40, 50, 55, 60].map((minScore) => ({ minSeverity: 'ERROR', minScore }) as const),
  ...[0, 40, 50, 55, 60].map((minScore) => ({ minSeverity: 'WARNING', minScore }) as const),
];
const targets: readonly Target[] = [byDefault, ...others];

export interface ScenarioOptions extends PlanOptions {
  readonly technicians: number;
  /** Everything has passed the stream within so long: the finest time that is told. At most 15 s, which the stream's time goes on by at once. */
  readonly stepMs?: number;
  /** People say what they made of the default target's pages, so that the stream learns; without it nobody does. */
  readonly feedback?: FeedbackOptions;
}

/** What pages came to that were made on one day, and what became of the troubles that began on it. */
export interface DayFigures {
  readonly pages: number;
  readonly truePages: number;
  readonly precision: number | null;
  readonly causes: number;
  readonly recall: number | null;
}

/** What the pages of one target came to. Shares are null where there is nothing that they are of. */
export interface ScenarioFigures extends Target {
  readonly pages: number;
  readonly truePages: number;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly pagesPerTechnicianDay: number;
  readonly falsePagesPerTechnicianDay: number;
  /** Pages by day, the first one first: what is learned shows here. */
  readonly pagesByDay: readonly number[];
  readonly byDay: readonly DayFigures[];
  readonly surfacedAfterSeconds: { readonly median: number; readonly max: number } | null;
  readonly overMerged: number;
  readonly repeated: number;
}

export interface KindFigures {
  readonly kind: string;
  readonly causes: number;
  readonly told: number;
  readonly pages: number;
  readonly medianSeconds: number | null;
}

export interface ScenarioReport {
  readonly options: ScenarioOptions;
  readonly events: number;
  readonly alerts: number;
  /** Alerts that nobody saw. */
  readonly hiddenAlerts: number;
  readonly deadLetters: number;
  /** Verdicts that people gave. */
  readonly verdicts: number;
  /** Of each target; the first is the product's default. */
  readonly figures: readonly ScenarioFigures[];
  /** At the product's default, as all that follows. */
  readonly byKind: readonly KindFigures[];
  readonly missed: readonly MissedCause[];
  readonly falsePages: readonly {
    readonly about: string;
    readonly pages: number;
    readonly example: string;
  }[];
  readonly pages: readonly Page[];
}

/** Runs a planned fleet through the product's stream. Equal options give equal reports. */
export async function runScenarios(
  options: ScenarioOptions,
  onProgress: (day: number) => void = () => {},
): Promise<ScenarioReport> {
  const { stepMs = 5_000 } = options;
  const plan = makePlan(options);
  const judge = new Judge(plan.causes, targets);
  const stream = new ProductStream(plan.windows);
  const technicians =
    options.feedback === undefined ? null : new Technicians(options.feedback, (id) => judge.isReal(id));
  const records = createRawRecords(plan, options.seed + 1);
  const endMs = plan.startMs + plan.days * dayMs;
  for (let fromMs = plan.startMs; fromMs < endMs; fromMs += stepMs) {
    if ((fromMs - plan.startMs) % dayMs === 0) onProgress(1 + (fromMs - plan.startMs) / dayMs);
    for (const given of technicians?.say(fromMs) ?? []) await stream.learn(given);
    const batch = records.next(fromMs, fromMs + stepMs);
    if (batch === null) continue;
    for (const alert of await stream.take(batch, fromMs + stepMs)) {
      const told = judge.take(alert, fromMs + stepMs);
      if (told.includes(byDefault)) technicians?.told(alert, fromMs + stepMs);
    }
  }
  const judged = judge.judged(byDefault);
  return {
    options,
    events: records.count,
    alerts: judge.alerts,
    hiddenAlerts: judge.hidden,
    deadLetters: stream.deadLetters(),
    verdicts: technicians?.given ?? 0,
    figures: targets.map((target) => figuresOf(judge.judged(target), plan, options.technicians)),
    byKind: byKindOf(judged, plan),
    missed: judged.missed,
    falsePages: falsePagesOf(judged.pages),
    pages: judged.pages,
  };
}

function figuresOf(judged: Judged, plan: Plan, technicians: number): ScenarioFigures {
  const { target, pages, missed, surfacedAfterMs, overMerged, repeated } = judged;
  const causes = plan.causes.filter(({ page }) => page).length;
  const truePages = pages.filter((page) => page.causes.length > 0).length;
  const perTechnicianDay = (count: number): number => count / technicians / plan.days;
  const seconds = [...surfacedAfterMs.values()].map((ms) => ms / 1000);
  const days = Array.from({ length: plan.days }, (_, day) => dayFigures(judged, plan, day));
  return {
    minScore: target.minScore,
    minSeverity: target.minSeverity,
    pages: pages.length,
    truePages,
    precision: pages.length === 0 ? null : truePages / pages.length,
    recall: causes === 0 ? null : (causes - missed.length) / causes,
    pagesPerTechnicianDay: perTechnicianDay(pages.length),
    falsePagesPerTechnicianDay: perTechnicianDay(pages.length - truePages),
    pagesByDay: days.map((day) => day.pages),
    byDay: days,
    surfacedAfterSeconds:
      seconds.length === 0 ? null : { median: medianOf(seconds), max: Math.max(...seconds) },
    overMerged,
    repeated,
  };
}

function dayFigures({ pages, surfacedAfterMs }: Judged, plan: Plan, day: number): DayFigures {
  const isOn = (timeMs: number): boolean => Math.floor((timeMs - plan.startMs) / dayMs) === day;
  const of = pages.filter(({ atMs }) => isOn(atMs - 1));
  const truePages = of.filter(({ causes }) => causes.length > 0).length;
  const causes = plan.causes.filter(({ page, fromMs }) => page && isOn(fromMs));
  const told = causes.filter(({ causeId }) => surfacedAfterMs.has(causeId)).length;
  return {
    pages: of.length,
    truePages,
    precision: of.length === 0 ? null : truePages / of.length,
    causes: causes.length,
    recall: causes.length === 0 ? null : told / causes.length,
  };
}

function byKindOf({ pages, surfacedAfterMs }: Judged, plan: Plan): KindFigures[] {
  const causes = plan.causes.filter(({ page }) => page);
  return [...Map.groupBy(causes, ({ kind }) => kind)].map(([kind, of]) => {
    const ids = new Set(of.map(({ causeId }) => causeId));
    const seconds = [...ids].flatMap((id) => surfacedAfterMs.get(id) ?? []).map((ms) => ms / 1000);
    return {
      kind,
      causes: of.length,
      told: seconds.length,
      pages: pages.filter((page) => page.causes.some((id) => ids.has(id))).length,
      medianSeconds: seconds.length === 0 ? null : medianOf(seconds),
    };
  });
}

function falsePagesOf(pages: readonly Page[]): ScenarioReport['falsePages'] {
  const wrong = pages.filter(({ causes }) => causes.length === 0);
  return [...Map.groupBy(wrong, ({ harmless }) => harmless ?? 'nothing that was planned')]
    .map(([about, of]) => ({ about, pages: of.length, example: of[0]?.title ?? '' }))
    .sort((a, b) => b.pages - a.pages);
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
