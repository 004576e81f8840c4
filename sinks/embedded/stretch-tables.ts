import type { TimeRange } from './time-ranges.ts';

/*
 * Stretches: parts of event time whose rows have been counted and whose ids have been sorted, in tables of their own, so
 * that a question over all of them reads those and not the rows. A stretch holds from its start up to and not including
 * its end, and stretches never overlap. Rows that come into one later are told apart by when they were stored.
 */

const totaledBy = [
  'tenant_id',
  'event_type',
  'tool_type',
  'severity',
  'organization_id',
  'organization_name',
] as const;
/** What counts are kept by: all that a filter can name but time and words, and the names to show. */
const countedBy = [...totaledBy, 'device_id', 'hostname'] as const;

export const countedBySql = countedBy.join(', ');
/** An id's mark says in which second of its stretch the event was. */
export const secondMs = 1_000;

/** 32 bits that nearly tell ids apart. Their way of computing is the engine's own and may change with its version. */
export function markSql(id: string): string {
  return `(hash(${id}) >> 32)::UINTEGER`;
}
const markOfNone = markSql("'00000000-0000-0000-0000-000000000000'::UUID");

const textColumns = (columns: readonly string[]): string =>
  columns.map((column) => `${column} VARCHAR`).join(', ');

/** `stretch_totals` has the counts of all devices together: a hundredth of the rows, for what asks for no device. */
export const stretchSchema: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS stretches (stretch INTEGER NOT NULL, from_time TIMESTAMP_MS NOT NULL,
    to_time TIMESTAMP_MS NOT NULL, stored_to TIMESTAMP_MS NOT NULL, late_from TIMESTAMP_MS,
    mark_of_none UINTEGER NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS stretch_counts (stretch INTEGER NOT NULL, ${textColumns(countedBy)},
    newest TIMESTAMP_MS NOT NULL, events BIGINT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS stretch_totals (stretch INTEGER NOT NULL, ${textColumns(totaledBy)},
    newest TIMESTAMP_MS NOT NULL, events BIGINT NOT NULL)`,
  'CREATE TABLE IF NOT EXISTS stretch_marks (stretch INTEGER NOT NULL, mark UINTEGER NOT NULL, second BIGINT NOT NULL)',
  ...dropStretchesSql(`mark_of_none <> ${markOfNone}`),
];

/** Forgets the stretches of a condition: their rows are looked at one by one from then on. */
export function dropStretchesSql(condition: string): readonly string[] {
  const which = `stretch IN (SELECT stretch FROM stretches WHERE ${condition})`;
  return [
    `DELETE FROM stretch_counts WHERE ${which}`,
    `DELETE FROM stretch_totals WHERE ${which}`,
    `DELETE FROM stretch_marks WHERE ${which}`,
    `DELETE FROM stretches WHERE ${condition}`,
  ];
}

/** Counts a stretch as number `stretch`: statements for one transaction. */
export function countStretchSql(stretch: number, { fromMs, toMs }: TimeRange): readonly string[] {
  const rows = `FROM events WHERE event_time >= ${momentLiteral(fromMs)} AND event_time < ${momentLiteral(toMs)}`;
  return [
    `INSERT INTO stretch_counts SELECT ${stretch}, ${countedBySql}, max(event_time), count(*) ${rows} GROUP BY ALL`,
    totalSql(stretch),
    `INSERT INTO stretch_marks SELECT ${stretch}, ${markSql('event_id')} AS mark,
      (epoch_ms(event_time) - ${fromMs}) // ${secondMs} ${rows} ORDER BY mark`,
    `INSERT INTO stretches SELECT ${stretch}, ${momentLiteral(fromMs)}, ${momentLiteral(toMs)}, max(stored_time),
      NULL, ${markOfNone} ${rows} HAVING count(*) > 0`,
  ];
}

/** Makes one stretch, number `stretch`, of those of a condition, which touch and begin at `fromMs`; they are dropped after that. */
export function joinStretchesSql(stretch: number, which: string, fromMs: number): readonly string[] {
  return [
    `INSERT INTO stretch_counts SELECT ${stretch}, ${countedBySql}, max(newest), sum(events)::BIGINT
      FROM stretch_counts WHERE ${which} GROUP BY ALL`,
    totalSql(stretch),
    `INSERT INTO stretch_marks SELECT ${stretch}, mark, second + (epoch_ms(from_time) - ${fromMs}) // ${secondMs}
      FROM stretch_marks JOIN stretches USING (stretch) WHERE ${which} ORDER BY mark`,
    `INSERT INTO stretches SELECT ${stretch}, min(from_time), max(to_time), max(stored_to), NULL, ${markOfNone}
      FROM stretches WHERE ${which}`,
  ];
}

function totalSql(stretch: number): string {
  return `INSERT INTO stretch_totals SELECT stretch, ${totaledBy.join(', ')}, max(newest), sum(events)::BIGINT
    FROM stretch_counts WHERE stretch = ${stretch} GROUP BY ALL`;
}

/**
 * The stretches that count rows which a backfill is about to change. Its one parameter is the JSON of an array of
 * `Backfill`.
 */
export const backfilledSql = `stretch IN (
  SELECT c.stretch FROM stretch_counts c
  JOIN (SELECT unnest(from_json(?, '[{"tenant_id": "VARCHAR", "device_id": "VARCHAR"}]'), recursive := true)) b
    ON c.tenant_id = b.tenant_id AND c.device_id = b.device_id
  WHERE c.hostname IS NULL OR c.organization_id IS NULL OR c.organization_name IS NULL)`;

/** A moment as SQL has it. */
export function momentLiteral(timeMs: number): string {
  return `make_timestamp_ms(${BigInt(timeMs)})::TIMESTAMP_MS`;
}
