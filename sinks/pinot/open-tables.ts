import { z } from 'zod';

import { isRetryable, OpenFrameError } from '../../contracts/errors.ts';
import type { Clock } from '../../streams/clock.ts';
import { lacksSegments, unavailable } from './answer.ts';
import type { PinotClient } from './client.ts';
import {
  declareTable,
  schemaVersion,
  type TableDeclaration,
  tableKinds,
  type TableSettings,
} from './tables.ts';

export interface TablesDeps {
  readonly client: PinotClient;
  readonly settings: TableSettings;
  readonly clock: Clock;
}

const pollMs = 200;
const openPatienceMs = 150_000;
/** A loaded server takes 15 s to open a new table. */
const mendAfterMs = 30_000;
const goneTries = 300;
const refusedTries = 10;
const unansweredTries = 100;
/** A server looks each second whether a dropped table is gone from the cluster's view, and only then lets go of it. */
const settleMs = 5_000;

/**
 * Makes the tables that are missing, whoever else starts at the same time, and resolves when they can be asked.
 * Throws `DATA_FOLDER_TOO_NEW` where a newer version made a table, `CONFIGURATION_INVALID` where an older one did,
 * where a table is not ours, reads another topic or lacks a column; nothing is changed then.
 */
export async function openTables(deps: TablesDeps): Promise<void> {
  const declarations = tableKinds.map((kind) => declareTable(kind, deps.settings));
  const found = await Promise.all(declarations.map((table) => readTable(deps.client, table)));
  // All are looked at before any is made: what is refused leaves nothing behind.
  await Promise.all(declarations.map((table, at) => checkTable(deps.client, table, found[at])));
  const missing = declarations.filter((_, at) => found[at] === undefined);
  await Promise.all(missing.map((table) => create(deps, table)));
  await Promise.all(declarations.map((table) => untilOpen(deps, table.tableName)));
}

/** Drops the tables with all they hold and makes them anew: Pinot then reads its topics from their start. */
export async function remakeTables(deps: TablesDeps): Promise<void> {
  const { client, clock } = deps;
  const declarations = tableKinds.map((kind) => declareTable(kind, deps.settings));
  await Promise.all(
    declarations.map(({ tableName }) => client.controller('delete', `/tableConfigs/${tableName}`)),
  );
  for (const { tableName } of declarations) {
    // A table of the same name that is made too early would be taken away again by its servers.
    for (let tries = 0; await isThere(client, tableName); tries++) {
      if (tries >= goneTries) throw unavailable(`the servers still hold the dropped table ${tableName}`);
      await clock.sleep(pollMs);
    }
  }
  await clock.sleep(settleMs);
  await openTables(deps);
}

async function isThere(client: PinotClient, tableName: string): Promise<boolean> {
  try {
    const answer = await client.controller('get', `/tables/${tableName}/externalview`);
    const view = z.object({ REALTIME: z.record(z.string(), z.unknown()).nullish() }).safeParse(answer);
    return view.success && Object.keys(view.data.REALTIME ?? {}).length > 0;
  } catch (error) {
    if (error instanceof OpenFrameError && error.code === 'CONFIGURATION_INVALID') return false;
    throw error;
  }
}

const tableSchema = z.object({
  REALTIME: z
    .object({
      tableIndexConfig: z.object({ streamConfigs: z.record(z.string(), z.unknown()).nullish() }),
      metadata: z.object({ customConfigs: z.record(z.string(), z.string()).nullish() }).nullish(),
    })
    .optional(),
});
type FoundTable = NonNullable<z.infer<typeof tableSchema>['REALTIME']>;

async function readTable(
  client: PinotClient,
  { tableName }: TableDeclaration,
): Promise<FoundTable | undefined> {
  const answer = await client.controller('get', `/tables/${tableName}?type=realtime`);
  return answer === null ? undefined : tableSchema.parse(answer).REALTIME;
}

async function checkTable(
  client: PinotClient,
  table: TableDeclaration,
  found: FoundTable | undefined,
): Promise<void> {
  if (found === undefined) return;
  const name = table.tableName;
  const version = Number(found.metadata?.customConfigs?.['openframeSchema']);
  if (!Number.isInteger(version)) {
    throw misfit(
      `Pinot has a table ${name} that no version of analytics made`,
      'drop it, or choose another OPENFRAME_NAME_PREFIX',
    );
  }
  if (version > schemaVersion) {
    throw new OpenFrameError(
      'DATA_FOLDER_TOO_NEW',
      `Pinot's table ${name} has schema ${version}, and this version knows ${schemaVersion}: run the version that made it, or a newer one.`,
    );
  }
  if (version < schemaVersion) {
    throw misfit(
      `Pinot's table ${name} has schema ${version}, and this version needs ${schemaVersion}`,
      'drop its tables, so that this version makes them and reads the topics again',
    );
  }
  const topicSetting = 'stream.kafka.topic.name';
  const topic = found.tableIndexConfig.streamConfigs?.[topicSetting];
  const wanted = topicOf(table, topicSetting);
  if (topic !== wanted) {
    throw misfit(
      `Pinot's table ${name} reads the topic ${String(topic)} and not ${wanted}`,
      'correct its configuration, or drop it',
    );
  }
  await checkColumns(client, table);
}

function topicOf(table: TableDeclaration, setting: string): string {
  return String(table.realtime.tableIndexConfig.streamConfigs[setting]);
}

const columnsSchema = z.object({
  dimensionFieldSpecs: z.array(z.object({ name: z.string() })).default([]),
  dateTimeFieldSpecs: z.array(z.object({ name: z.string() })).default([]),
});

async function checkColumns(client: PinotClient, { tableName, schema }: TableDeclaration): Promise<void> {
  const answer = await client.controller('get', `/schemas/${tableName}`);
  if (answer === null)
    throw misfit(`Pinot's table ${tableName} has no schema`, 'drop it, so that it is made anew');
  const found = columnsSchema.parse(answer);
  const columns = [...found.dimensionFieldSpecs, ...found.dateTimeFieldSpecs].map(({ name }) => name);
  const needed = [...schema.dimensionFieldSpecs, ...schema.dateTimeFieldSpecs].map(({ name }) => name);
  const lacking = needed.filter((name) => !columns.includes(name));
  if (lacking.length === 0) return;
  throw misfit(
    `Pinot's table ${tableName} is without the column ${lacking.join(', ')}`,
    'add it, or drop the table, so that it is made anew from its topic',
  );
}

async function create({ client, clock }: TablesDeps, table: TableDeclaration): Promise<void> {
  for (;;) {
    try {
      await client.controller('post', '/tableConfigs', table);
      return;
    } catch (error) {
      // Another starter may have made it, or be about to: its schema comes before its table. A controller that did not
      // answer in time may still be at it.
      const tries = isRetryable(error) ? unansweredTries : refusedTries;
      for (let n = 0; n < tries; n++) {
        if ((await readTable(client, table)) !== undefined) return;
        await clock.sleep(pollMs);
      }
      if ((await client.controller('get', `/schemas/${table.tableName}`)) === null) throw error;
      await deleteSchema(client, table);
    }
  }
}

/** A schema that a starter left which died before the table. One with a table is not to go: the table came meanwhile. */
async function deleteSchema(client: PinotClient, table: TableDeclaration): Promise<void> {
  try {
    await client.controller('delete', `/schemas/${table.tableName}`);
  } catch (error) {
    if ((await readTable(client, table)) === undefined) throw error;
  }
}

/**
 * Brokers and servers learn of a new table a little later than the controller, and a broker of one partition after the
 * other: it answers from those that it knows, without a word about the rest.
 */
async function untilOpen({ client, clock }: TablesDeps, tableName: string): Promise<void> {
  const startMs = clock.nowMs();
  let mendAtMs = startMs + mendAfterMs;
  for (;;) {
    try {
      const known = await client.knownSegments(tableName);
      const wanted = await segmentCount(client, tableName);
      if (known >= wanted) return;
      throw unavailable(`a broker knows ${known} of the ${wanted} segments of ${tableName}`);
    } catch (error) {
      if (!isRetryable(error) || clock.nowMs() >= startMs + openPatienceMs) throw error;
      if (lacksSegments(error) && clock.nowMs() >= mendAtMs) {
        // A server that was late to let go of a dropped table took away the one that was made after it, and would
        // never look again: the segments are given to it once more, and are read again from where each begins.
        await client.controller('post', `/segments/${tableName}_REALTIME/reset`);
        mendAtMs = clock.nowMs() + mendAfterMs;
      }
    }
    await clock.sleep(pollMs);
  }
}

const idealSchema = z.object({ REALTIME: z.record(z.string(), z.record(z.string(), z.string())) });

/** Of segments that some server is to have open. */
async function segmentCount(client: PinotClient, tableName: string): Promise<number> {
  const answer = await client.controller('get', `/tables/${tableName}/idealstate`);
  const parsed = idealSchema.safeParse(answer);
  if (!parsed.success) throw unavailable(`it does not say which segments ${tableName} has`, answer);
  const states = Object.values(parsed.data.REALTIME).map((servers) => Object.values(servers));
  return states.filter((ofOne) => ofOne.some((state) => state === 'ONLINE' || state === 'CONSUMING')).length;
}

function misfit(what: string, remedy: string): OpenFrameError {
  return new OpenFrameError('CONFIGURATION_INVALID', `${what}: ${remedy}.`);
}
