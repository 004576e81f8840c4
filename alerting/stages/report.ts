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
import type { RuleBook } from '../rule-book.ts';
import { type DetectionCell, detectionCodec } from '../rules/kept-series.ts';
import { RuleWatch } from '../rules/rule-watch.ts';
import { isParsedEvent, type ParsedEvent, watchedEventOf } from '../rules/watched-event.ts';
import type { Sighting } from '../sighting.ts';
import type { SitesTold } from '../sites/site-watch.ts';
import { HeadReader } from './enriched-head.ts';
import { maskText } from './mask-text.ts';
import { wantsEvent } from './wants-event.ts';

const reported = drop('reported');
const watched = drop('watched');
const quiet = drop('no-trouble');
/** An event that came again with its device was reported when it came without. */
const repeated = drop('reported before');
const unreadable = deadLetter('EVENT_UNREADABLE: the value is no enriched event');
/** Of so many records the acceptance time of one is read: it moves by milliseconds from one to the next. */
const timeEvery = 32;
const tickEveryMs = 10_000;

/**
 * Reports what is wrong: every event of severity WARNING and above, whose outcome was bad whatever its type, and what
 * the tenant's rules find. The name of an event's report is its type and its summary without numbers, so that the same
 * trouble counts as one. An event that is quiet and that no rule looks at is told from its bytes, without parsing.
 * Reports are keyed by tenant, and their time is never after the event's acceptance.
 */
export function report(rules: RuleBook): Stage {
  return {
    name: 'report',
    reads: ['tenantId', 'ingestTime', 'completes', 'value'],
    adds: [],
    changelog: { topic: topics.detectionState, cleanup: 'compact' },
    open: (opening) => new ReportTask(rules, opening),
  };
}

class ReportTask implements StageTask {
  readonly #rules: RuleBook;
  readonly #opening: StageOpening;
  readonly #cells: KeyedState<DetectionCell>;
  readonly #watch: RuleWatch;
  readonly #heads = new HeadReader();
  readonly #tenantId;
  readonly #ingestTime;
  readonly #completes;
  readonly #value;
  #seen = 0;
  #idle = true;
  #tickedMs = 0;

  constructor(rules: RuleBook, opening: StageOpening) {
    this.#rules = rules;
    this.#opening = opening;
    this.#cells = createKeyedState({ clock: opening.clock, codec: detectionCodec });
    const found = (tenantId: string, sighting: Sighting): void => this.#emit(tenantId, sighting);
    const { partition } = opening;
    const sitesChanged = ({ tenantId, pulse }: SitesTold): void =>
      this.#emitSignal(tenantId, { pulse: { partition, ...pulse } }, pulse.wallMs, pulse.wallMs);
    this.#watch = new RuleWatch({ cells: this.#cells, found, sitesChanged });
    this.#tenantId = opening.field('tenantId');
    this.#ingestTime = opening.field('ingestTime');
    this.#completes = opening.field('completes');
    this.#value = opening.field('value');
  }

  async prepare(): Promise<void> {
    this.#watch.useRules(await this.#rules.current());
    this.#seen = 0;
    this.#idle = false;
  }

  process(record: RecordView): Outcome {
    if (this.#seen++ % timeEvery === 0) this.#watch.see(record.number(this.#ingestTime));
    if (record.has(this.#completes)) return repeated;
    const range = record.range(this.#value);
    const head = this.#heads.read(range);
    const tenant = this.#watch.tenant(record.text(this.#tenantId));
    const alive = head?.alive === true && head.deviceId !== '';
    const loud = head?.quiet !== true;
    const wanted =
      head === null || wantsEvent(this.#watch, tenant, { head, range, alive, timeMs: record.eventTimeMs });
    if (!wanted && !loud) return quiet;
    const event = record.json(this.#value);
    if (!isParsedEvent(event)) return unreadable;
    if (wanted) this.#watch.observe(tenant, watchedEventOf(event, alive));
    if (event.severity === 'INFO' || event.severity === 'DEBUG') return watched;
    this.#emit(tenant.tenantId, sightingOf(event), event.ingestTime);
    return reported;
  }

  onWatermark(): void {
    // Time without records is time in which nothing came, since the stream is read to its end then.
    if (this.#idle) this.#watch.see(this.#opening.clock.nowMs());
    this.#idle = true;
    this.#watch.advance();
    this.#tick();
  }

  /** Tells each tenant's alerts how far time has come: what waits for a time must not wait for a report. */
  #tick(): void {
    const { wallMs } = this.#watch;
    if (!(wallMs - this.#tickedMs >= tickEveryMs)) return;
    this.#tickedMs = wallMs;
    for (const tenantId of this.#watch.tenantIds())
      this.#emitSignal(tenantId, { tickMs: wallMs }, wallMs, wallMs);
  }

  changes(): readonly RecordInput[] {
    return this.#cells.changes();
  }

  restore(record: StreamRecord): void {
    this.#cells.restore(record);
  }

  #emit(tenantId: string, sighting: Sighting, ingestTime = this.#opening.clock.nowMs()): void {
    this.#emitSignal(tenantId, sighting, sighting.timeMs, ingestTime);
  }

  #emitSignal(tenantId: string, signal: object, eventTimeMs: number, ingestTime: number): void {
    const value = JSON.stringify(signal);
    this.#opening.emit({ key: tenantId, eventTimeMs, fields: { tenantId, ingestTime, value } });
  }
}

function sightingOf(event: ParsedEvent): Sighting {
  const { eventType, summary, severity, deviceId, organizationId, source } = event;
  return {
    name: `${eventType}: ${maskText(summary)}`,
    host: deviceId ?? source,
    timeMs: Math.min(event.eventTime, event.ingestTime),
    detail: {
      severity,
      title:
        event.hostname === undefined ? summary.slice(0, 300) : `${event.hostname}: ${summary.slice(0, 300)}`,
      deviceId: deviceId ?? null,
      organizationId: organizationId ?? null,
    },
  };
}
