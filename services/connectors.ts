import type { Log } from '../brokers/log.ts';
import {
  type Connector,
  connectorId,
  type ConnectorRegistry,
  createConnectorRegistry,
} from '../integrations/connector-registry.ts';
import { runConnector } from '../integrations/run-connector.ts';
import type { SecretBox } from '../integrations/sealed-secret.ts';
import type { ToolReader } from '../integrations/tool-reader.ts';
import type { DocumentStore } from '../stores/documents.ts';
import type { Clock } from '../streams/clock.ts';
import type { Random } from '../streams/random.ts';
import { startRounds } from './rounds.ts';

const lookEveryMs = 2_000;

export interface ConnectorsDeps {
  readonly documents: DocumentStore;
  /**
   * Opened with the first connector and closed at the end. Its appends must survive a power cut: the cursor moves
   * after them, and nobody sends them again.
   */
  readonly openLog: () => Promise<Log>;
  readonly clock: Clock;
  readonly random: Random;
  readonly secrets: SecretBox;
  readonly onFault: (message: string) => void;
}

interface RunningConnector {
  readonly revision: number;
  readonly stopping: AbortController;
  readonly done: Promise<void>;
}

/** Runs every connector that is registered, wherever that was done: looks every 2 s what was added, changed, removed. */
export function startConnectors(deps: ConnectorsDeps): AsyncDisposable {
  const running = new Map<string, RunningConnector>();
  const registry = createConnectorRegistry(deps.documents);
  let log: Promise<Log> | undefined;
  const openLog = (): Promise<Log> => {
    log ??= deps.openLog();
    log.catch(() => (log = undefined));
    return log;
  };
  const look = async (): Promise<void> => {
    const wanted = new Map((await registry.list()).map((one) => [connectorId(one), one]));
    for (const [id, one] of running) {
      if (wanted.get(id)?.revision === one.revision) continue;
      one.stopping.abort();
      await one.done;
      running.delete(id);
    }
    for (const [id, connector] of wanted) {
      if (!running.has(id)) running.set(id, await start(deps, registry, await openLog(), connector));
    }
  };
  const onFault = (reason: string): void => deps.onFault(`The connectors cannot be looked up: ${reason}`);
  const looking = startRounds({ clock: deps.clock, everyMs: lookEveryMs, onFault }, look);
  return {
    async [Symbol.asyncDispose]() {
      await looking[Symbol.asyncDispose]();
      for (const one of running.values()) one.stopping.abort();
      await Promise.all([...running.values()].map(({ done }) => done));
      await (await log?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}

async function start(
  { clock, random, secrets }: ConnectorsDeps,
  registry: ConnectorRegistry,
  log: Log,
  connector: Connector,
): Promise<RunningConnector> {
  // With the first connector: the tools' clients take memory that a platform without tools need not spend.
  const { openReader } = await import('../integrations/open-reader.ts');
  const stopping = new AbortController();
  const open = (one: Connector): ToolReader => {
    const { url, user, ca, sinceMs } = one;
    const secret = secrets.open(connectorId(one), one.secret);
    return openReader(one.kind, { url, user, secret, sinceMs, ...(ca === null ? {} : { ca }) }, clock);
  };
  const deps = { registry, log, clock, random, open };
  return {
    revision: connector.revision,
    stopping,
    done: runConnector(deps, connector, stopping.signal),
  };
}
