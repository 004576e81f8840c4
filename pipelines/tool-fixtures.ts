import { readdir, readFile } from 'node:fs/promises';
import { z } from 'zod';

import { type EnrichedEvent, toStoredEvent } from '../contracts/enriched.ts';
import { eventIdOf } from '../contracts/event-id.ts';
import type { StoredEvent } from '../contracts/event.ts';
import { headers, rawKey, toolTopics } from '../contracts/topics.ts';
import type { ToolDirectory } from '../stores/tool-directory.ts';
import {
  createTestDriver,
  type DrivenRecord,
  type PipedRecord,
  type TestDriver,
} from '../streams/test-driver.ts';
import type { Topology } from '../streams/topology.ts';
import { telemetry } from './telemetry.ts';
import { place, tools } from './tools.ts';

const recordSchema = z.object({
  topic: z.enum(Object.values(toolTopics)),
  key: z.string().default(''),
  headers: z.record(z.string(), z.string()).default({}),
  /** JSON, or text as it is; null is a tombstone. */
  value: z.unknown().optional(),
  /** Bytes that are no text stand here instead. */
  base64: z.base64().optional(),
});

/** What comes in under a name, and what must be stored of it. */
export const toolFixtureSchema = z.object({
  name: z.string(),
  /** Records of tools' topics, in the order in which they come. */
  records: z.array(recordSchema).default([]),
  /** An event of our own agent instead. */
  agent: z.object({ type: z.string(), data: z.unknown() }).optional(),
  stored: z.array(z.unknown()).default([]),
  /** Stage and reason of each dead letter. */
  deadLetters: z.array(z.string()).default([]),
  /** Reasons under which records without an event were counted. */
  nothing: z.array(z.string()).default([]),
});
export type ToolFixture = z.infer<typeof toolFixtureSchema>;

/** What came of a fixture. */
export type FixtureResult = Required<Pick<ToolFixture, 'deadLetters' | 'nothing'>> & {
  readonly stored: readonly StoredEvent[];
};

/** A record's bytes as they come by its topic; null for a tombstone. */
export function fixtureBytes({ value, base64 }: ToolFixture['records'][number]): Buffer | null {
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  return value === null ? null : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

const folder = new URL('../enrichers/fixtures/', import.meta.url);

/** Every fixture, by the file that it stands in. */
export async function readToolFixtures(): Promise<ReadonlyMap<string, readonly ToolFixture[]>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const files = names.map(async (name) => {
    const json: unknown = JSON.parse(await readFile(new URL(name, folder), 'utf8'));
    return [name, z.array(toolFixtureSchema).parse(json)] as const;
  });
  return new Map(await Promise.all(files));
}

const receivedMs = Date.parse('2026-08-20T09:20:00Z');
const dayMs = 86_400_000;

/** The connections and devices of the world that the fixtures come from. */
const fixtureDirectory: Pick<ToolDirectory, 'connection' | 'device'> = {
  connection: ({ tool, server }) => {
    const scopes: Record<string, string> =
      tool === 'FLEET_MDM'
        ? { 3: 'acme', 7: 'umbrella' }
        : tool === 'MESHCENTRAL'
          ? { bakery: 'bakery' }
          : {};
    return Promise.resolve({ tool, server, tenantId: 'acme', scopes });
  },
  device: (_, agentId) => {
    const linked: Readonly<Record<string, string>> = { 17: 'device-1', 'm-1': 'device-2', 12: 'device-3' };
    const deviceId = linked[agentId];
    return Promise.resolve(
      deviceId === undefined ? null : { tenantId: 'acme', deviceId, sinceMs: 0, history: [] },
    );
  },
};

const dedupe = { windowMs: 600_000, marksRetentionMs: dayMs };

/** Sends one fixture through the topologies as they run, in a memory of its own. */
export async function runToolFixture(fixture: ToolFixture): Promise<FixtureResult> {
  await using chain = new AsyncDisposableStack();
  const open = (topology: Topology): TestDriver =>
    chain.use(createTestDriver(topology, { startMs: receivedMs }));
  const decoding = open(tools);
  const placing = open(place({ latenessMs: 600_000, rememberMs: dayMs }, fixtureDirectory));
  const telling = open(telemetry(dedupe));
  await decoding.pipe(fixture.records.map(piped));
  await placing.pipe(decoding.outputs().map(again));
  await telling.pipe(
    fixture.agent === undefined ? placing.outputs().map(again) : [agentRecord(fixture.agent)],
  );
  return {
    stored: telling.outputs().map(({ json }) => toStoredEvent(json as EnrichedEvent)),
    deadLetters: [decoding, placing, telling].flatMap((driver) =>
      driver.deadLetters().map(({ stage, reason }) => `${stage}: ${reason}`),
    ),
    nothing: Object.keys(decoding.status().stages[0]?.dropped ?? {}).filter((reason) => reason !== 'decoded'),
  };
}

function piped(record: ToolFixture['records'][number]): PipedRecord {
  const { topic, key } = record;
  return { topic, key, value: fixtureBytes(record), headers: record.headers, eventTimeMs: receivedMs };
}

function again({ key, value, eventTimeMs, headers: carried }: DrivenRecord): PipedRecord {
  return { key, value, eventTimeMs, headers: carried };
}

function agentRecord({ type, data }: NonNullable<ToolFixture['agent']>): PipedRecord {
  const [tenant, source, id] = ['acme', '/agents/d1', '1'] as const;
  return {
    key: rawKey(tenant, source),
    value: data,
    eventTimeMs: receivedMs,
    headers: {
      [headers.id]: id,
      [headers.source]: source,
      [headers.type]: type,
      [headers.tenant]: tenant,
      [headers.device]: 'd1',
      [headers.eventId]: eventIdOf(tenant, source, id),
      [headers.ingestTime]: String(receivedMs),
    },
  };
}
