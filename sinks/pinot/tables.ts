import { enrichedMembers } from '../../contracts/enriched.ts';
import { earliestMs, latestMs, optionalMembers, timeMembers, uuidPattern } from './enriched-record.ts';
import { storedNull, toStoredTextSql } from './stored-text.ts';

/** What the tables of this platform are made from. */
export interface TableSettings {
  /** Set before every table's name. Letters, digits and underscores. */
  readonly prefix: string;
  /** The topic of the enriched events, and those of what Pinot cannot read from them: see `side-records.ts`. */
  readonly topics: PinotTopics;
  /** The Kafka brokers as Pinot reaches them. */
  readonly kafkaBrokers: readonly string[];
  /** Copies of each segment. */
  readonly replicas: number;
  /** How long rows are kept, from their event's time on. Left out: for ever. */
  readonly retentionMs?: number;
  /** How long the events are whose type is kept longest: Pinot's segments hold all types, and go as a whole. */
  readonly longestMs?: number;
}

export interface PinotTopics {
  readonly enriched: string;
  readonly samples: string;
  readonly deviceNames: string;
  readonly completions: string;
}

export const tableKinds = ['events', 'samples', 'deviceNames', 'completions'] as const;
export type TableKind = (typeof tableKinds)[number];

/** Raised with every change of a table's columns: says by which version a table was made. */
export const schemaVersion = 2;

/** The largest text of a column; Pinot's default of 512 characters would cut silently. */
const textLength = 8 * 1024 * 1024;
const dayMs = 86_400_000;

interface TextColumn {
  readonly column: string;
  /** The member of the record's JSON that it is made from. */
  readonly member: string;
}

/** The text columns of the events table, beside the id: the text members of an enriched event. */
const eventTextColumns: readonly TextColumn[] = enrichedMembers
  .filter(({ name, kind }) => kind === 'text' && name !== 'eventId')
  .map(({ name }) => ({ member: name, column: columnOf(name) }));

/** `organizationId` as a column: `organization_id`. Pinot wants another name than the member's: `summary_text`. */
export function columnOf(member: string): string {
  const snake = snakeOf(member);
  return snake === member ? `${member}_text` : snake;
}

function snakeOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function tableName(prefix: string, kind: TableKind): string {
  return `${prefix}openframe_${snakeOf(kind)}`;
}

interface FieldSpec {
  readonly name: string;
  readonly dataType: 'STRING' | 'LONG' | 'INT' | 'DOUBLE';
  readonly [setting: string]: unknown;
}

/** A table as the controller's `/tableConfigs` takes it: its schema and its realtime half. */
export interface TableDeclaration {
  readonly tableName: string;
  readonly schema: {
    readonly schemaName: string;
    readonly dimensionFieldSpecs: readonly FieldSpec[];
    readonly dateTimeFieldSpecs: readonly FieldSpec[];
    readonly primaryKeyColumns: readonly string[];
  };
  readonly realtime: {
    readonly tableIndexConfig: {
      readonly streamConfigs: Readonly<Record<string, string>>;
      readonly [setting: string]: unknown;
    };
    readonly ingestionConfig: {
      readonly transformConfigs: readonly {
        readonly columnName: string;
        readonly transformFunction: string;
      }[];
    };
    readonly [setting: string]: unknown;
  };
}

export function declareTable(kind: TableKind, settings: TableSettings): TableDeclaration {
  switch (kind) {
    case 'events':
      return eventsTable(settings);
    case 'samples':
      return samplesTable(settings);
    case 'deviceNames':
      return deviceNamesTable(settings);
    case 'completions':
      return completionsTable(settings);
  }
}

/** One row an event: the first of those with the same tenant and id. */
function eventsTable(settings: TableSettings): TableDeclaration {
  const indexed = 'tenant_id device_id event_type tool_type severity_text organization_id'.split(' ');
  return declaration('events', settings, {
    dimensions: [
      text('event_id'),
      ...eventTextColumns.map(({ column }) => text(column)),
      text('message_text'),
    ],
    times: ['event_time', 'ingest_time', 'stored_time'],
    key: ['tenant_id', 'event_id'],
    keep: 'first',
    invertedIndexColumns: indexed,
    noDictionaryColumns: ['summary_text', 'message_text', 'source_id', 'ingest_time', 'stored_time'],
    bloomFilterColumns: ['event_id'],
    filterFunction: refusedEventSql(),
    transforms: {
      event_id: 'lower("eventId")',
      ...Object.fromEntries(
        eventTextColumns.map(({ column, member }) => [column, toStoredTextSql(`"${member}"`)]),
      ),
      message_text: toStoredTextSql(`jsonPathString("data", '$.message', '')`),
      event_time: 'round("eventTime", 1)',
      ingest_time: 'round("ingestTime", 1)',
      stored_time: 'now()',
    },
  });
}

const requiredMembers = enrichedMembers.map((m) => m.name).filter((name) => !optionalMembers.has(name));

/** True for a record that is no event: `refusalOf` says the same to people. Pinot 0.11 has no `and` here. */
function refusedEventSql(): string {
  const faults = [
    ...requiredMembers.map((name) => `isNull("${name}")`),
    `notEquals(length(regexpExtract("eventId", '${uuidPattern}', 0, '')), 36)`,
    ...timeMembers.map((name) => `lessThan("${name}", ${earliestMs})`),
    ...timeMembers.map((name) => `greaterThan("${name}", ${latestMs})`),
  ];
  return `greaterThan(${faults.reduce((sum, fault) => `plus(${sum}, ${fault})`)}, 0)`;
}

/** One row an event with metrics, more where a series has several samples in it: see `side-records.ts`. */
function samplesTable(settings: TableSettings): TableDeclaration {
  return declaration('samples', settings, {
    dimensions: [
      ...['event_id', 'tenant_id', 'device_id'].map(text),
      { name: 'part', dataType: 'INT' },
      { ...text('names'), singleValueField: false },
      { ...text('series'), singleValueField: false },
      { name: 'vals', dataType: 'DOUBLE', singleValueField: false },
    ],
    times: ['event_time'],
    key: ['tenant_id', 'event_id', 'part'],
    keep: 'first',
    invertedIndexColumns: ['tenant_id', 'device_id', 'names', 'series'],
    noDictionaryColumns: ['event_id'],
  });
}

/** One row a device that became known late: what its earlier events lack. */
function deviceNamesTable(settings: TableSettings): TableDeclaration {
  const names = 'tenant_id device_id hostname_text organization_id organization_name'.split(' ');
  return declaration('deviceNames', settings, {
    dimensions: names.map(text),
    times: ['event_time'],
    key: ['tenant_id', 'device_id'],
    keep: 'last',
    invertedIndexColumns: ['tenant_id'],
    noDictionaryColumns: [],
  });
}

/** One row an event that was stored without its device and came again with it. */
function completionsTable(settings: TableSettings): TableDeclaration {
  const names = 'tenant_id event_id device_id hostname_text organization_id organization_name'.split(' ');
  return declaration('completions', settings, {
    dimensions: names.map(text),
    times: ['event_time'],
    key: ['tenant_id', 'event_id'],
    keep: 'last',
    invertedIndexColumns: ['tenant_id'],
    noDictionaryColumns: [],
  });
}

interface TableParts {
  readonly dimensions: readonly FieldSpec[];
  readonly times: readonly [string, ...string[]];
  readonly key: readonly string[];
  /** Which of the rows with the same key stays. */
  readonly keep: 'first' | 'last';
  readonly invertedIndexColumns: readonly string[];
  readonly noDictionaryColumns: readonly string[];
  readonly bloomFilterColumns?: readonly string[];
  readonly filterFunction?: string;
  readonly transforms?: Readonly<Record<string, string>>;
}

function declaration(kind: TableKind, settings: TableSettings, parts: TableParts): TableDeclaration {
  const name = tableName(settings.prefix, kind);
  const textNames = parts.dimensions.filter((d) => 'maxLength' in d).map((d) => d.name);
  const { noDictionaryColumns, invertedIndexColumns, filterFunction } = parts;
  return {
    tableName: name,
    schema: {
      schemaName: name,
      dimensionFieldSpecs: parts.dimensions,
      dateTimeFieldSpecs: parts.times.map(time),
      primaryKeyColumns: parts.key,
    },
    realtime: {
      tableName: name,
      tableType: 'REALTIME',
      segmentsConfig: {
        schemaName: name,
        timeColumnName: parts.times[0],
        replication: String(settings.replicas),
        replicasPerPartition: String(settings.replicas),
        ...retention(
          kind === 'samples' ? settings.retentionMs : (settings.longestMs ?? settings.retentionMs),
        ),
      },
      tenants: {},
      tableIndexConfig: {
        loadMode: 'MMAP',
        invertedIndexColumns,
        noDictionaryColumns,
        // Entries as long as each is: padded, one long text would blow up all.
        varLengthDictionaryColumns: textNames.filter((column) => !noDictionaryColumns.includes(column)),
        rangeIndexColumns: [parts.times[0]],
        bloomFilterColumns: parts.bloomFilterColumns ?? [],
        streamConfigs: streamConfigs(settings.topics[kind === 'events' ? 'enriched' : kind], settings),
      },
      // Equal keys meet in one partition, and so on one server.
      routing: { instanceSelectorType: 'strictReplicaGroup' },
      ...(parts.keep === 'first'
        ? { dedupConfig: { dedupEnabled: true, hashFunction: 'MURMUR3' } }
        : { upsertConfig: { mode: 'FULL', comparisonColumn: parts.times[0], hashFunction: 'MURMUR3' } }),
      ingestionConfig: {
        ...(filterFunction === undefined ? {} : { filterConfig: { filterFunction } }),
        transformConfigs: Object.entries(parts.transforms ?? {}).map(([columnName, transformFunction]) => ({
          columnName,
          transformFunction,
        })),
      },
      metadata: { customConfigs: { openframeSchema: String(schemaVersion) } },
    },
  };
}

function text(name: string): FieldSpec {
  return { name, dataType: 'STRING', maxLength: textLength, defaultNullValue: storedNull };
}

function time(name: string): FieldSpec {
  return { name, dataType: 'LONG', format: '1:MILLISECONDS:EPOCH', granularity: '1:MILLISECONDS' };
}

function retention(retentionMs: number | undefined): object {
  if (retentionMs === undefined) return {};
  const days = Math.max(1, Math.ceil(retentionMs / dayMs));
  return { retentionTimeUnit: 'DAYS', retentionTimeValue: String(days) };
}

function streamConfigs(topic: string, { kafkaBrokers }: TableSettings): Readonly<Record<string, string>> {
  return {
    streamType: 'kafka',
    'stream.kafka.consumer.type': 'lowlevel',
    'stream.kafka.topic.name': topic,
    'stream.kafka.broker.list': kafkaBrokers.join(','),
    'stream.kafka.consumer.factory.class.name': 'org.apache.pinot.plugin.stream.kafka20.KafkaConsumerFactory',
    'stream.kafka.decoder.class.name': 'org.apache.pinot.plugin.inputformat.json.JSONMessageDecoder',
    'stream.kafka.consumer.prop.auto.offset.reset': 'smallest',
    // Without it Pinot would store what an aborted transaction of the telemetry role wrote.
    'stream.kafka.isolation.level': 'read_committed',
    // A fetch is answered as soon as there is a record: this is how often a consumer asks that has nothing to read.
    'fetch.max.wait.ms': '2000',
    'realtime.segment.flush.threshold.rows': '500000',
    'realtime.segment.flush.threshold.time': '6h',
  };
}
