import { formatOf } from '../../enrichers/decoders/formats.ts';
import { meaningOfTool } from '../../enrichers/meaning.ts';
import { sourceOf, tenantOf } from '../../enrichers/place-event.ts';
import { unifiedTypes } from '../../enrichers/taxonomy.ts';
import { faultOf, storable } from '../../enrichers/tool-event-limits.ts';
import { severities } from '../../contracts/event.ts';
import { fixtureBytes, readToolFixtures } from '../../pipelines/tool-fixtures.ts';
import { createRandom } from '../../streams/random.ts';
import { mutateBytes, mutateValue } from './mutate.ts';

/** What many mutated inputs came to. */
export interface FuzzReport {
  readonly inputs: number;
  /** How many of them went to each format. */
  readonly formats: Readonly<Record<string, number>>;
  readonly events: number;
  readonly links: number;
  readonly nothing: number;
  readonly refused: number;
  /** Events that decoded and break a limit: they go to the dead letters. */
  readonly beyondLimits: number;
  readonly slowestMs: number;
  /** Laws that were broken, with the input in base64: none, or there is a defect. At most 20. */
  readonly broken: readonly { readonly law: string; readonly format: string; readonly input: string }[];
}

const receivedMs = Date.parse('2026-08-20T09:20:00Z');
const scopes = { 3: 'acme', bakery: 'bakery' };
const tenants = new Set<string | null>(['acme', 'bakery', null]);
/** One input may take this long: more is a hang, or a pattern that backtracks. */
const slowMs = 10_000;

/** Mutates the records of every fixture `inputs` times in all, and holds what becomes of each against the laws. */
export async function fuzzDecoders(options: {
  readonly inputs: number;
  readonly seed: number;
  readonly stopwatchMs: () => number;
}): Promise<FuzzReport> {
  const random = createRandom(options.seed);
  const records = [...(await readToolFixtures()).values()].flat().flatMap((fixture) => fixture.records);
  const counts = { events: 0, links: 0, nothing: 0, refused: 0, beyondLimits: 0 };
  const formats: Record<string, number> = {};
  const broken: { law: string; format: string; input: string }[] = [];
  let slowestMs = 0;
  for (let i = 0; i < options.inputs; i++) {
    const record = records[i % records.length];
    if (record === undefined) throw new RangeError('there are no fixtures');
    const format = formatOf(
      record.topic,
      record.headers['message-type'] ?? '',
      record.headers['content-type'] ?? '',
    );
    if (format === undefined) continue;
    formats[format.name] = (formats[format.name] ?? 0) + 1;
    const isJson = record.base64 === undefined && typeof record.value !== 'string';
    const bytes =
      isJson && random.below(4) > 0
        ? Buffer.from(JSON.stringify(mutateValue(record.value, random)) ?? 'null')
        : mutateBytes(fixtureBytes(record) ?? Buffer.from('null'), random);
    const startMs = options.stopwatchMs();
    const law = brokenLaw(format.decode, bytes, counts);
    const tookMs = options.stopwatchMs() - startMs;
    slowestMs = Math.max(slowestMs, tookMs);
    const found = law ?? (tookMs > slowMs ? `took ${Math.round(tookMs)} ms` : null);
    if (found !== null && broken.length < 20)
      broken.push({ law: found, format: format.name, input: bytes.toString('base64') });
  }
  return { inputs: options.inputs, formats, ...counts, slowestMs: Math.round(slowestMs), broken };
}

type Counts = { events: number; links: number; nothing: number; refused: number; beyondLimits: number };

/** The first law that an input breaks; null where it breaks none. */
function brokenLaw(
  decode: NonNullable<ReturnType<typeof formatOf>>['decode'],
  bytes: Buffer,
  counts: Counts,
): string | null {
  try {
    const input = { bytes, receivedMs, connection: '' };
    const result = decode(input);
    if (JSON.stringify(decode(input)) !== JSON.stringify(result))
      return 'gives the same answer for the same input';
    if (result.kind === 'nothing' || result.kind === 'refused') {
      counts[result.kind]++;
      return /^[A-Za-z][\w ]*$/.test(result.reason) ? null : 'refuses with a reason';
    }
    if (result.kind === 'link') {
      counts.links++;
      return result.link.agentId === '' ? 'links a device' : null;
    }
    for (const event of result.events) {
      if (faultOf(event, receivedMs) !== null || storable(event.data) === null) {
        counts.beyondLimits++;
        continue;
      }
      counts.events++;
      const connection = { tool: event.tool, server: event.server, tenantId: 'acme', scopes };
      if (!tenants.has(tenantOf(event, connection)))
        return "gives an event to one of the connection's tenants";
      if (!sourceOf(event).startsWith('/tools/')) return 'names the tool in the source';
      const meaning = meaningOfTool(event.tool, event.sourceType, JSON.parse(storable(event.data) ?? 'null'));
      if (!severities.includes(meaning.severity) || meaning.summary.length > 500)
        return 'has a severity and a sentence';
      if (meaning.known && !unifiedTypes.has(meaning.eventType))
        return 'has a type of the taxonomy, or its own';
    }
    return null;
  } catch (error) {
    return `throws nothing: ${error instanceof Error ? error.message : String(error)}`;
  }
}
