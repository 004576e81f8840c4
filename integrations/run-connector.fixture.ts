import { join } from 'node:path';

import { createEmbeddedLog } from '../brokers/embedded/log.ts';
import type { Log } from '../brokers/log.ts';
import { toolTopics } from '../contracts/topics.ts';
import { topicDeclarations } from '../pipelines/topic-declarations.ts';
import { createEmbeddedDocuments } from '../stores/embedded/documents.ts';
import type { DocumentStore } from '../stores/documents.ts';
import type { ManualClock } from '../streams/clock.ts';
import { createRandom } from '../streams/random.ts';
import { HeaderReader, RecordCursor } from '../streams/record-cursor.ts';
import { createTempFolder } from '../tests/support/temp-folder.ts';
import { type Connector, createConnectorRegistry } from './connector-registry.ts';
import { openReader } from './open-reader.ts';
import { runConnector } from './run-connector.ts';
import { createSecretBox } from './sealed-secret.ts';
import type { ConnectorKind } from './tool-reader.ts';

/** A world in which connectors run: real embedded engines in a folder, and a clock of the test's own. */
export async function createConnectorWorld(clock: ManualClock) {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await createTempFolder());
  const documents = stack.use(createEmbeddedDocuments({ path: join(folder.path, 'documents.db') }));
  const log = stack.use(
    await createEmbeddedLog({ path: join(folder.path, 'log.db'), clock, durability: 'full' }),
  );
  await log.declareTopics(topicDeclarations(1));
  const registry = createConnectorRegistry(documents);
  const secrets = createSecretBox({
    key: () => Buffer.alloc(32, 7),
    randomBytes: (size) => Buffer.alloc(size, 3),
  });
  const connectorOf = (kind: ConnectorKind, url: string, secret: string): Connector => ({
    kind,
    server: kind,
    url,
    user: '',
    secret: secrets.seal(kind, secret),
    ca: null,
    sinceMs: 0,
    pollMs: 30_000,
    sinceConnectedMs: 1,
    revision: 1,
  });
  /** Runs it until the returned function is called. `failing`: what the log or the cursor's store is to throw. */
  const run = (
    connector: Connector,
    over: { log?: Pick<Log, 'append' | 'partitionCount'>; documents?: DocumentStore } = {},
  ) => {
    const stopping = new AbortController();
    const open = ({ kind, url, user, secret, sinceMs }: Connector) =>
      openReader(kind, { url, user, secret: secrets.open(kind, secret), sinceMs }, clock);
    const deps = {
      registry: over.documents === undefined ? registry : createConnectorRegistry(over.documents),
      log: over.log ?? log,
      clock,
      random: createRandom(1),
      open,
    };
    const done = runConnector(deps, connector, stopping.signal);
    return async (): Promise<void> => {
      stopping.abort();
      await done;
    };
  };
  return {
    ...{ documents, log, registry, connectorOf, run },
    handedOn: () => readValues(log),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export interface HandedOn {
  readonly messageType: string;
  readonly connection: string;
  readonly value: { readonly row: { readonly id?: number }; readonly [member: string]: unknown };
}

async function readValues(log: Log): Promise<readonly HandedOn[]> {
  const found: HandedOn[] = [];
  const cursor = new RecordCursor();
  for await (const batch of log.readAll(toolTopics.other, 0)) {
    cursor.reset(batch);
    while (cursor.next()) {
      const headers = headersOf(cursor);
      const value = JSON.parse(
        cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd),
      ) as HandedOn['value'];
      const { 'message-type': messageType = '', connection = '' } = headers;
      found.push({ messageType, connection, value });
    }
  }
  return found;
}

function headersOf(cursor: RecordCursor): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const reader = new HeaderReader();
  reader.reset(cursor.bytes, cursor.headersStart);
  while (reader.next()) {
    const text = (start: number, end: number): string => cursor.bytes.toString('utf8', start, end);
    found[text(reader.nameStart, reader.nameEnd)] = text(reader.valueStart, reader.valueEnd);
  }
  return found;
}

/** Moves the clock second by second, letting real sockets work meanwhile, until the condition holds: as long as the test may take. */
export async function advanceUntil(
  clock: ManualClock,
  condition: () => Promise<boolean> | boolean,
  stepMs = 1_000,
): Promise<void> {
  while (!(await condition())) {
    await clock.advance(stepMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
