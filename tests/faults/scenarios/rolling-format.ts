import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

import type { Log } from '../../../brokers/log.ts';
import { topics } from '../../../contracts/topics.ts';
import type { RoleChild } from '../../../services/role-child.ts';
import { recordAt } from '../../../streams/bytes-record.ts';
import { RecordCursor } from '../../../streams/record-cursor.ts';
import { firstFormat, stateFormatOf } from '../../../streams/state-format.ts';
import { columnarFormat } from '../columnar-marks.ts';
import { Deployment } from '../deployment.ts';
import { enrichedOrder } from '../enriched-order.ts';
import { Fleet } from '../fleet.ts';
import { Ledger } from '../ledger.ts';
import { longestIdle, mostIdleMs } from '../longest-idle.ts';
import { sendRaw } from '../raw-load.ts';
import { type FaultContext, minuteMs, type Scenario } from '../scenario.ts';

const sizes = {
  short: { ratePerSecond: 200, rounds: 1, mostAgain: 4_800 },
  full: { ratePerSecond: 700, rounds: 5, mostAgain: 24_000 },
} as const;
const [devices, tenants, partitions, workersAtOnce] = [60, 3, 4, 2];
/** Whole bodies and whole turns of the fleet: then what is sent in one piece is the same again. */
const pieceEvents = 1_200;
const betweenMs = 1_000;
const againPerSecond = 2_000;
const program = fileURLToPath(new URL('../columnar-telemetry.fixture.ts', import.meta.url));

/** That of the command, so that a worker need not compile the sources anew. */
const compileCache = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../../node_modules/.cache/openframe', import.meta.url)),
};

/**
 * Two workers of telemetry are replaced one by one by a version that writes the marks of dedupe in a new format, and back.
 * Then events come once more, to workers of each; and to the product, which knows the first format alone.
 */
export const rollingFormat: Scenario = {
  name: 'rolling-format',
  law: "changes the format of telemetry's state and back, worker by worker under load, and refuses state that is too new",
  timeoutMs: { short: 8 * minuteMs, full: 15 * minuteMs },
  async run(context) {
    const { size, seed } = context;
    const { rounds, ratePerSecond, mostAgain } = sizes[size];
    const env = { OPENFRAME_DEDUPE_WINDOW_SECONDS: '3600' };
    const deployment = new Deployment(context, { devices, tenants, partitions, env });
    const workers = new Workers(context, deployment);
    const first = Array.from({ length: workersAtOnce }, () => workers.join(firstFormat));
    await Promise.all([...first, deployment.start('sink')]);

    const rolled = new AbortController();
    const sending = sendUntil(context, deployment, ratePerSecond, rolled.signal);
    const watching = longestIdle(deployment, context, rolled.signal);
    try {
      for (let round = 0; round < rounds; round++) {
        await workers.rollTo(columnarFormat);
        await workers.rollTo(firstFormat);
      }
    } finally {
      rolled.abort();
    }
    const [sent, longestIdleMs] = [await sending, await watching];
    const report = await deployment.report(sent.endedMs, workers.changes);
    const formats = await formatsOfMarks(deployment);
    expect(formats.size, 'formats in the changelog').toBe(2);
    if (size === 'full') expect(longestIdleMs, 'a partition stood still').toBeLessThanOrEqual(mostIdleMs);

    await using log = await deployment.openLog();
    const again = async (events: number): Promise<void> => {
      const { engines, prefix } = deployment;
      const same = { fleet: new Fleet({ seed, tenants, devices }), ledger: new Ledger() };
      const load = { events, ratePerSecond: againPerSecond };
      await sendRaw(context, { engines, prefix, partitions, ...same }, load);
    };
    const seenAgain = Math.min(sent.events, mostAgain);
    await again(seenAgain);
    await untilCaughtUp(log);
    await workers.stopAll();
    await workers.join(columnarFormat);
    await again(seenAgain);
    await untilCaughtUp(log);
    await workers.stopAll();
    await again(pieceEvents);
    const refused = await deployment.run(['service', 'telemetry', '--port', '0']);
    expect(refused.stderr).toMatch(/DATA_FOLDER_TOO_NEW.*telemetry\.marks\.v1.*format 2.*knows 1/s);
    expect(refused.code).toBe(1);
    const { records, repeated } = await enrichedOrder(log, partitions);
    expect(records, 'what came again was written again').toBe(deployment.ledger.acceptedCount);
    const marks = Object.fromEntries(
      [...formats].map(([format, count]) => [`marksOfFormat${format}`, count]),
    );
    return {
      ...report,
      duplicated: Math.max(report.duplicated, repeated),
      seen: { ...report.seen, longestIdleMs, ...marks },
    };
  },
};

/** Those at work, the one that is there longest first. */
class Workers {
  readonly #context: FaultContext;
  readonly #deployment: Deployment;
  #working: RoleChild[] = [];
  #joined = 0;
  changes = 0;

  constructor(context: FaultContext, deployment: Deployment) {
    this.#context = context;
    this.#deployment = deployment;
  }

  async join(format: number): Promise<void> {
    const instance = `telemetry-${this.#joined++}`;
    const args = [String(format)];
    const worker = await this.#deployment.start('telemetry', { instance, program, args, env: compileCache });
    this.#working.push(worker);
  }

  /** Replaces each by one of another version, as a deployment does. */
  async rollTo(format: number): Promise<void> {
    for (let i = 0; i < workersAtOnce; i++) {
      await this.join(format);
      await this.#context.clock.sleep(betweenMs);
      await this.#working.shift()?.stop();
      await this.#context.clock.sleep(betweenMs);
      this.changes++;
    }
  }

  async stopAll(): Promise<void> {
    const ended = this.#working;
    this.#working = [];
    await Promise.all(ended.map((worker) => worker.stop()));
  }
}

async function sendUntil(
  context: FaultContext,
  deployment: Deployment,
  ratePerSecond: number,
  over: AbortSignal,
): Promise<{ readonly events: number; readonly endedMs: number }> {
  let [events, endedMs] = [0, 0];
  for (; !over.aborted; events += pieceEvents) {
    endedMs = await sendRaw(context, deployment, { events: pieceEvents, ratePerSecond });
  }
  return { events, endedMs };
}

async function untilCaughtUp(log: Log): Promise<void> {
  const waiting = async (): Promise<number> =>
    (await log.lag())
      .filter(({ topic, group }) => topic === topics.raw && group === 'telemetry')
      .reduce((sum, { endOffset, committedOffset }) => sum + endOffset - committedOffset, 0);
  await expect.poll(waiting, { timeout: 2 * minuteMs, interval: 500 }).toBe(0);
}

/** How many records of the changelog have which format. */
async function formatsOfMarks(deployment: Deployment): Promise<ReadonlyMap<number, number>> {
  await using log = await deployment.openLog();
  const counts = new Map<number, number>();
  const cursor = new RecordCursor();
  for (let partition = 0; partition < partitions; partition++) {
    for await (const batch of log.readAll(topics.marks, partition)) {
      for (cursor.reset(batch); cursor.next();) {
        const format = stateFormatOf(recordAt(cursor));
        counts.set(format, (counts.get(format) ?? 0) + 1);
      }
    }
  }
  return counts;
}
