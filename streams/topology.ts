import { OpenFrameError } from '../contracts/errors.ts';
import { type FieldDeclaration, FieldTable, fieldsOf, type RecordFormat } from './record.ts';
import type { Stage } from './stage.ts';
import { firstFormat } from './state-format.ts';
import type { TransactionalLog } from './transaction.ts';

/** What a topology reads. */
export interface SourceDefinition {
  readonly topics: readonly string[];
  readonly format: RecordFormat;
  /** A field that holds the milliseconds since the epoch at which the platform accepted a record. */
  readonly ingestTimeField?: string;
}

/** What a topology writes. */
export interface OutputDefinition {
  readonly topic: string;
  /** `same`: the partition it came from. `key`: Kafka's default partitioner over the record's key. */
  readonly partitionBy: 'same' | 'key';
  /**
   * `as-is`: the value that came in. A list: a JSON object of these fields, absent ones left out. `extendedBy`: the
   * JSON object that came in, its bytes as they are, with these fields behind its own members.
   */
  readonly value:
    'as-is' | readonly FieldDeclaration[] | { readonly extendedBy: readonly FieldDeclaration[] };
  /** Headers added to those that came in, each from a field, where it is present. */
  readonly addHeaders?: Readonly<Record<string, string>>;
}

/** A topology is data: it can be run, tested, checked and drawn. */
export interface Topology {
  readonly name: string;
  readonly source: SourceDefinition;
  readonly stages: readonly Stage[];
  readonly output: OutputDefinition;
}

/** Reads as the data flows: `from('telemetry', raw).through(decode).through(dedupe).to(enriched).build()`. */
export interface TopologyBuilder {
  through(stage: Stage): TopologyBuilder;
  to(output: OutputDefinition): { build(): Topology };
}

export function from(name: string, source: SourceDefinition): TopologyBuilder {
  const next = (stages: readonly Stage[]): TopologyBuilder => ({
    through: (stage) => next([...stages, stage]),
    to: (output) => ({ build: () => checked({ name, source, stages, output }) }),
  });
  return next([]);
}

/** What is wrong with a topology, one sentence a fault; empty where nothing is. */
export function lintTopology(topology: Topology): string[] {
  const faults: string[] = [];
  const known = new Map<string, FieldDeclaration>(fieldsOf(topology.source.format).map((f) => [f.name, f]));
  const names = new Set<string>();
  const ingestTime = topology.source.ingestTimeField;
  if (ingestTime !== undefined && !known.has(ingestTime)) {
    faults.push(`${topology.name}: its ingest time '${ingestTime}' is no field of the source`);
  }
  if (topology.source.topics.length === 0) faults.push(`${topology.name}: it reads no topic`);
  for (const stage of topology.stages) {
    if (names.has(stage.name)) faults.push(`${topology.name}: two stages are called '${stage.name}'`);
    names.add(stage.name);
    for (const field of stage.reads) {
      if (!known.has(field)) faults.push(`${stage.name}: it reads '${field}', which nothing before it gives`);
    }
    for (const field of stage.adds) {
      const before = known.get(field.name);
      if (before !== undefined && before.kind !== field.kind) {
        faults.push(
          `${stage.name}: it adds '${field.name}' as ${field.kind}, which is ${before.kind} already`,
        );
      }
      known.set(field.name, field);
    }
  }
  return [...faults, ...changelogFaults(topology), ...outputFaults(topology.output, known)];
}

/** A changelog is read back as one stage's state, so nothing else may be written to it. */
function changelogFaults({ stages, source, output }: Topology): string[] {
  const owners = new Map<string, string>();
  for (const topic of source.topics) owners.set(topic, 'the source');
  owners.set(output.topic, 'the output');
  const faults: string[] = [];
  for (const { name, changelog } of stages) {
    if (changelog === undefined) continue;
    const owner = owners.get(changelog.topic);
    if (owner !== undefined) {
      faults.push(`${name}: its changelog '${changelog.topic}' is already the topic of ${owner}`);
    }
    const { format = firstFormat, reads = format } = changelog;
    if (reads < format)
      faults.push(`${name}: it writes format ${format} of its state and reads ${reads} at most`);
    owners.set(changelog.topic, `the stage '${name}'`);
  }
  return faults;
}

function outputFaults(output: OutputDefinition, known: ReadonlyMap<string, FieldDeclaration>): string[] {
  const faults: string[] = [];
  for (const field of writtenFields(output)) {
    const given = known.get(field.name);
    if (given === undefined) faults.push(`${output.topic}: it writes '${field.name}', which nothing gives`);
    else if (given.kind !== field.kind) {
      faults.push(`${output.topic}: it writes '${field.name}' as ${field.kind}, which is ${given.kind}`);
    }
  }
  for (const field of Object.values(output.addHeaders ?? {})) {
    if (!known.has(field))
      faults.push(`${output.topic}: a header is taken from '${field}', which nothing gives`);
  }
  return faults;
}

/** The fields that an output writes into its values. */
export function writtenFields({ value }: OutputDefinition): readonly FieldDeclaration[] {
  if (value === 'as-is') return [];
  return 'extendedBy' in value ? value.extendedBy : value;
}

/** The fields of a topology's records, each with its place. */
export function fieldTableOf(topology: Topology): FieldTable {
  const table = new FieldTable();
  for (const field of fieldsOf(topology.source.format)) table.add(field);
  for (const stage of topology.stages) for (const field of stage.adds) table.add(field);
  return table;
}

/** The changelog topics that the topology's state needs. */
export function changelogsOf(topology: Topology): NonNullable<Stage['changelog']>[] {
  return topology.stages.flatMap((stage) => (stage.changelog === undefined ? [] : [stage.changelog]));
}

/** Throws `TOPOLOGY_INVALID` where a partition of the source has no counterpart in a changelog to restore from. */
export function checkChangelogs(topology: Topology, partition: number, log: TransactionalLog): void {
  for (const { name, changelog } of topology.stages) {
    if (changelog === undefined || partition < log.partitionCount(changelog.topic)) continue;
    throw new OpenFrameError(
      'TOPOLOGY_INVALID',
      `The stage '${name}' reads partition ${partition}, but its changelog '${changelog.topic}' has only ` +
        `${log.partitionCount(changelog.topic)} partitions: declare it with as many as the source.`,
    );
  }
}

/** The topology as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html). */
export function drawTopology(topology: Topology): string {
  const lines = ['flowchart LR'];
  const label = (text: string): string => `"${text.replaceAll('"', '#quot;')}"`;
  const ids = topology.stages.map((_, i) => `s${i}`);
  topology.source.topics.forEach((topic, i) =>
    lines.push(`  in${i}[(${label(topic)})] --> ${ids[0] ?? 'out'}`),
  );
  topology.stages.forEach((stage, i) => {
    lines.push(`  ${ids[i]}[${label(stage.name)}] --> ${ids[i + 1] ?? 'out'}`);
    if (stage.changelog !== undefined)
      lines.push(`  ${ids[i]} <-.-> c${i}[(${label(stage.changelog.topic)})]`);
  });
  lines.push(`  out[(${label(topology.output.topic)})]`);
  return lines.join('\n');
}

function checked(topology: Topology): Topology {
  const faults = lintTopology(topology);
  if (faults.length === 0) return topology;
  throw new OpenFrameError(
    'TOPOLOGY_INVALID',
    `The topology '${topology.name}' cannot run: ${faults.join('; ')}.`,
    { details: { faults } },
  );
}
