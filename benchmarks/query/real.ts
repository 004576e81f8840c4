import { createSystemClock } from '../../streams/clock.ts';
import type { Metric, BenchReport } from '../report.ts';
import { middleOf } from '../middle.ts';
import type { RoleUsage } from '../run/processes.ts';
import { sharesOf } from '../shares.ts';
import { type BareCassandra, bareCassandra, readDirectly, traceOf } from './cassandra-statements.ts';
import type { QuerySize } from './embedded.ts';
import { Freshness } from './freshness.ts';
import { askingOverRest } from './over-rest.ts';
import { PinotStatements } from './pinot-statements.ts';
import { type Answered, higher, lower, queryReport } from './query-report.ts';
import { analyticsQuestions, type Asked, type Question, readsOf } from './questions.ts';
import { openRealPlace, type RealPlace, sinkNames } from './real-place.ts';
import { sinkAndDriver, type WriteRates } from './sink-and-driver.ts';
import { createEventSource, eventIdOf, type EventSource } from './stored-events.ts';

export interface RealSize extends QuerySize {
  readonly freshSeconds: number;
  readonly sinkEvents: number;
}

/** A question asked of the query API, and the same statements put to the engine without it. */
interface Compared extends Answered {
  readonly directMs: ReturnType<typeof sharesOf>;
  readonly statements: number;
}

const clock = createSystemClock();
/** What one append takes; and how far the fill may be ahead of the slower sink, so that the topic keeps what it holds. */
const batchEvents = 1000;
const mostAhead = 200_000;
const sinkRounds = 3;
const turnMs = 100;

/**
 * Fills the event log and analytics on the real engines by the product's own sinks, measures how soon an event is counted,
 * asks the query API and the engines in turns while events come in, and lets Cassandra's sink and its driver write in turns.
 */
export async function measureReal(
  size: RealSize,
): Promise<{ readonly report: BenchReport; readonly plans: string }> {
  await using place = await openRealPlace();
  const source = createEventSource(size.devices, 7, 0);
  const filled = await fill(place, source, size);
  const fresh = await measureFreshness(place, source, size);
  using statements = new PinotStatements(place.pinot, place.prefix);
  await using cassandra = await bareCassandra(place.settings);
  const asker = { place, statements, cassandra, api: askingOverRest(place.queryUrl, place.token), size };
  const stop = new AbortController();
  const before = await place.usage();
  const writing = writeAtRate(place, source, size.ratePerSecond, stop.signal);
  const asking = askAll(asker).finally(() => stop.abort());
  const [written, compared] = await Promise.all([writing, asking]);
  const cpu = usedBetween(before, await place.usage(), written.seconds);
  const plans = await plansOf(asker);
  const writers = await sinkAndDriver(place.settings, place.keyspace, {
    source,
    count: size.sinkEvents,
    rounds: sinkRounds,
  });
  const { ratePerSecond: offeredPerSecond, ...configuration } = size;
  const report = queryReport({
    kind: 'query-real',
    configuration: { engines: 'real', ...configuration, offeredPerSecond },
    offeredPerSecond,
    writtenPerSecond: Math.round(written.count / written.seconds),
    answered: compared,
    metrics: { ...metricsOf(compared, writers), 'event to queryable p99': lower(fresh.p99, 'ms') },
    details: { filled, fresh, cpuSecondsASecond: cpu, writers },
  });
  return { report, plans };
}

async function fill(place: RealPlace, source: EventSource, { events, hours }: RealSize) {
  const startedMs = performance.now();
  const endMs = Date.now();
  const spanMs = hours * 3_600_000;
  const at = (done: number): number => endMs - spanMs + (spanMs * done) / events;
  for (let done = 0; done < events; done += batchEvents) {
    const count = Math.min(batchEvents, events - done);
    await place.append(source.batch(count, at(done), at(done + count)));
    if (done % (mostAhead / 4) !== 0) continue;
    while (Math.max(...Object.values(await place.lag())) > mostAhead) await clock.sleep(turnMs);
    if (done % 1_000_000 === 0) process.stderr.write(`${done} of ${events} events\n`);
  }
  const seconds: Record<string, number> = {};
  while (Object.keys(seconds).length < sinkNames.length) {
    const lag = await place.lag();
    for (const name of sinkNames) if (lag[name] === 0) seconds[name] ??= secondsSince(startedMs);
    await clock.sleep(turnMs);
  }
  process.stderr.write(`filled with ${events} events: ${JSON.stringify(seconds)} s\n`);
  return seconds;
}

const secondsSince = (startedMs: number): number =>
  Number(((performance.now() - startedMs) / 1000).toFixed(1));

/** Writes a turn's events, all of one moment, every tenth of a second until it is told to end. */
async function writeAtRate(
  place: RealPlace,
  source: EventSource,
  ratePerSecond: number,
  stopped: AbortSignal,
  onTurn: (eventTimeMs: number, count: number) => void = () => undefined,
) {
  const startedMs = performance.now();
  const perTurn = Math.max(1, Math.round((ratePerSecond * turnMs) / 1000));
  const begunMs = Date.now();
  let count = 0;
  for (let turn = 0; !stopped.aborted; turn++) {
    // The moment at which it is due, however late it is written.
    const eventTimeMs = begunMs + turn * turnMs;
    onTurn(eventTimeMs, perTurn);
    for (let done = 0; done < perTurn; done += batchEvents) {
      await place.append(source.batch(Math.min(batchEvents, perTurn - done), eventTimeMs, eventTimeMs));
    }
    count += perTurn;
    const aheadMs = startedMs + (turn + 1) * turnMs - performance.now();
    if (aheadMs > 0) await clock.sleep(aheadMs, stopped);
  }
  return { count, seconds: secondsSince(startedMs) };
}

async function measureFreshness(place: RealPlace, source: EventSource, size: RealSize) {
  using freshness = new Freshness(place.pinot, place.prefix);
  const stopped = AbortSignal.timeout(size.freshSeconds * 1000);
  const [shares] = await Promise.all([
    freshness.watch(stopped),
    writeAtRate(place, source, size.ratePerSecond, stopped, (ms, count) => freshness.expect(ms, count)),
  ]);
  return shares;
}

interface Asker {
  readonly place: RealPlace;
  readonly statements: PinotStatements;
  readonly cassandra: BareCassandra;
  readonly api: Asked;
  readonly size: RealSize;
}

/** Each question of the API and of the engine, the other one first each round. */
async function askAll(asker: Asker): Promise<readonly Compared[]> {
  const ofPinot = analyticsQuestions();
  const questions = [...ofPinot, ...readsOf(asker.size.events)];
  const times = new Map(questions.map(({ name }) => [name, { api: [] as number[], direct: [] as number[] }]));
  const counts = new Map<string, number>();
  for (let round = 0; round < asker.size.rounds; round++) {
    for (const question of questions) {
      const nowMs = Date.now();
      const { direct, count } = await directly(asker, question, ofPinot.includes(question), nowMs);
      counts.set(question.name, count);
      const ways = { api: () => question.ask(asker.api, nowMs), direct };
      for (const way of round % 2 === 0 ? (['api', 'direct'] as const) : (['direct', 'api'] as const)) {
        const startedMs = performance.now();
        await ways[way]();
        times.get(question.name)?.[way].push(performance.now() - startedMs);
      }
    }
  }
  return questions.map(({ name, barMs }) => ({
    name,
    ...(barMs === undefined ? {} : { barMs }),
    ...sharesOf(times.get(name)?.api ?? []),
    directMs: sharesOf(times.get(name)?.direct ?? []),
    statements: counts.get(name) ?? 0,
  }));
}

/** What asks the engine itself what the question asks of it at this moment. */
async function directly(
  { place, statements, cassandra }: Asker,
  question: Question,
  isOfPinot: boolean,
  nowMs: number,
) {
  if (isOfPinot) {
    const put = await statements.of(question, nowMs);
    return { direct: () => statements.askDirectly(put), count: put.length };
  }
  let eventId = '';
  await question.ask({ ...asksNothing, event: async (_scope, id) => void (eventId = id) }, nowMs);
  return { direct: () => readDirectly(cassandra, place.keyspace, eventId), count: 1 };
}

const nothing = (): Promise<void> => Promise.resolve();
const asksNothing: Asked = { stats: nothing, facets: nothing, events: nothing, event: nothing };

async function plansOf({ statements, cassandra, place, size }: Asker): Promise<string> {
  const texts: string[] = [];
  for (const question of analyticsQuestions()) {
    const put = await statements.of(question, Date.now());
    texts.push(`== ${question.name}\n\n${await statements.accountOf(put)}`);
  }
  for (const [name, number] of [
    ['one event by its id', size.events >> 1],
    ['an event that is not there', -1],
  ] as const) {
    texts.push(`== ${name}\n\n${await traceOf(cassandra, place.keyspace, eventIdOf(number))}`);
  }
  return texts.join('\n');
}

/** Cores that each process kept busy. */
function usedBetween(before: readonly RoleUsage[], after: readonly RoleUsage[], seconds: number) {
  return Object.fromEntries(
    after.map(({ role, cpuSeconds }) => {
      const was = before.find((one) => one.role === role)?.cpuSeconds ?? 0;
      return [role, Number(((cpuSeconds - was) / seconds).toFixed(3))];
    }),
  );
}

function metricsOf(compared: readonly Compared[], writers: readonly WriteRates[]): Record<string, Metric> {
  const middle = (of: (rates: WriteRates) => number): number =>
    Number((middleOf(writers.map(of)) ?? 0).toFixed(3));
  return {
    ...Object.fromEntries(
      compared.map(({ name, p99, directMs }) => [
        `${name}, API to engine`,
        lower(Number((p99 / directMs.p99).toFixed(3)), "times the engine's own p99"),
      ]),
    ),
    'event log sink': higher(
      middle(({ sink }) => sink),
      'events/s',
    ),
    'event log sink to the driver with its mutations': higher(
      middle(({ sink, sameMutations }) => sink / sameMutations),
      'times its rate',
    ),
    'event log sink to the driver row by row': higher(
      middle(({ sink, rowByRow }) => sink / rowByRow),
      'times its rate',
    ),
  };
}
