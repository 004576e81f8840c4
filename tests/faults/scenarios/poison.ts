import { createHash } from 'node:crypto';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { expect } from 'vitest';

import { registerZstd } from '../../../brokers/kafka/kafkajs/records.ts';
import { agentEventTypes } from '../../../contracts/event.ts';
import { headers, rawKey, topics } from '../../../contracts/topics.ts';
import { createDeadLetterStore } from '../../../pipelines/dead-letter-store.ts';
import { createRandom } from '../../../streams/random.ts';
import { Deployment, kill } from '../deployment.ts';
import { sendRaw } from '../raw-load.ts';
import { type FaultContext, minuteMs, type Scenario } from '../scenario.ts';

const sizes = {
  short: { events: 8_000, ratePerSecond: 800 },
  full: { events: 100_000, ratePerSecond: 1_500 },
} as const;
const poisonOneOf = 100;
const deep = 10_000;
/** Close to the largest event, and as a dead letter a third larger: none of it compresses. */
const largeBytes = 1_000_000;
/** Nothing that size passes a broker unless it compresses well, as this does. */
const hugeBytes = 50_000_000;

type Headers = Record<string, string>;
interface Poison {
  readonly value: Buffer;
  readonly spoil: (good: Headers) => Headers;
  /** Whose key the record has. Default: its own tenant's. */
  readonly keyOf?: string;
}

const asItIs = (good: Headers): Headers => good;
const without = (name: string) => (good: Headers) =>
  Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));

/** What no agent's door lets through, and a broken or hostile writer may send. */
const poisons: Readonly<Record<string, Poison>> = {
  'invalid UTF-8': { value: Buffer.from([0x22, 0xff, 0xfe, 0xc3, 0x28, 0x22]), spoil: asItIs },
  'nested deep': { value: Buffer.from('['.repeat(deep) + ']'.repeat(deep)), spoil: asItIs },
  NaN: { value: Buffer.from('{"samples":[{"name":"x","value":NaN}]}'), spoil: asItIs },
  'cut off': { value: Buffer.from('{"samples":[{"na'), spoil: asItIs },
  'two values': { value: Buffer.from('{} ,"tenantId":"fault-1"'), spoil: asItIs },
  'raw bytes': { value: Buffer.from([0, 1, 2, 0xff]), spoil: asItIs },
  large: { value: incompressible(largeBytes), spoil: asItIs },
  'wrong tenant': { value: Buffer.from('{}'), spoil: asItIs, keyOf: 'fault-other' },
  'no tenant': { value: Buffer.from('{}'), spoil: without(headers.tenant) },
  'no id': { value: Buffer.from('{}'), spoil: without(headers.eventId) },
};

const huge: Poison = { value: Buffer.alloc(hugeBytes, 0xff), spoil: asItIs };

/** The same each time. */
function incompressible(bytes: number): Buffer {
  const random = createRandom(bytes);
  return Buffer.from(Uint8Array.from({ length: bytes }, () => random.below(256)));
}

/** One record of a hundred is poison; each is to be a dead letter once, with its bytes, and nothing beside it suffers. */
export const poison: Scenario = {
  name: 'poison',
  law: 'dead-letters each poison record once with its bytes, and replays it exactly',
  timeoutMs: { short: 4 * minuteMs, full: 10 * minuteMs },
  async run(context) {
    const load = sizes[context.size];
    const deployment = new Deployment(context);
    const telemetry = await deployment.start('telemetry');
    await deployment.start('sink');
    const sending = sendRaw(context, deployment, load);
    const sent = await sendPoison(context, deployment, load.events / poisonOneOf);
    kill(telemetry);
    const report = await deployment.report(await sending, sent.length);
    await using log = await deployment.openLog();
    const letters = createDeadLetterStore(log, context.clock);
    const found = async (): Promise<string[]> => {
      const all = await letters.list({}, sent.length * 2);
      return all.map(({ value }) => digestOf(Buffer.from(value ?? '', 'base64'))).sort();
    };
    const wanted = [...sent].sort();
    await expect.poll(found, { timeout: minuteMs, interval: 500 }).toEqual(wanted);

    const first = await letters.list({}, sent.length * 2);
    expect(await letters.replay({}, { dryRun: false, maxReplays: 2 })).toMatchObject({
      replayed: sent.length,
    });
    const replayed = async (): Promise<number> =>
      (await letters.list({}, sent.length * 2)).filter(({ replays }) => replays === 1).length;
    await expect.poll(replayed, { timeout: minuteMs, interval: 500 }).toBe(sent.length);
    expect(await found()).toEqual(wanted);
    const reasons = [...new Set(first.map(({ reason }) => reason))].sort().join(', ');
    return { ...report, seen: { ...report.seen, poison: sent.length, reasons } };
  },
};

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64');
}

/** Writes poison among the good, the huge one once; resolves to the digests of what was written. */
async function sendPoison(
  { clock, random }: FaultContext,
  { engines, prefix, partitions, fleet }: Deployment,
  count: number,
): Promise<string[]> {
  const brokers = engines.OPENFRAME_KAFKA_BROKERS.split(',');
  const producer = new Kafka({ clientId: 'poison', brokers, logLevel: logLevel.NOTHING }).producer();
  registerZstd();
  await producer.connect();
  const sent: string[] = [];
  const kinds = Object.values(poisons);
  try {
    for (let n = 0; n < count; n++) {
      const kind = n === 0 ? huge : kinds[n % kinds.length];
      const device = fleet.devices[random.below(fleet.devices.length)];
      if (kind === undefined || device === undefined) throw new Error('nothing to poison');
      const source = `/agents/poison-${n}`;
      const good = {
        [headers.specVersion]: '1.0',
        [headers.id]: `poison-${n}`,
        [headers.source]: source,
        [headers.type]: agentEventTypes.log,
        [headers.time]: new Date(clock.nowMs()).toISOString(),
        [headers.tenant]: device.tenantId,
        [headers.device]: `poison-${n}`,
        [headers.eventId]: `00000000-0000-5000-8000-${n.toString(16).padStart(12, '0')}`,
        [headers.ingestTime]: String(clock.nowMs()),
      };
      await producer.send({
        topic: prefix + topics.raw,
        messages: [
          {
            key: rawKey(kind.keyOf ?? device.tenantId, source),
            value: kind.value,
            partition: n % partitions,
            headers: kind.spoil(good),
          },
        ],
        compression: CompressionTypes.ZSTD,
      });
      sent.push(digestOf(kind.value));
      await clock.sleep(20);
    }
  } finally {
    await producer.disconnect();
  }
  return sent;
}
