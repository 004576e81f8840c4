import type { Log } from '../brokers/log.ts';
import { messageOf, OpenFrameError } from '../contracts/errors.ts';
import { Backoff } from '../streams/backoff.ts';
import type { Clock } from '../streams/clock.ts';
import type { Random } from '../streams/random.ts';
import {
  type Connector,
  type ConnectorRegistry,
  type ConnectorState,
  freshState,
} from './connector-registry.ts';
import { handOn } from './hand-on.ts';
import type { ToolPage, ToolReader } from './tool-reader.ts';

export interface RunConnectorDeps {
  readonly registry: ConnectorRegistry;
  readonly log: Pick<Log, 'append' | 'partitionCount'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Makes the reader; throws where the secret cannot be opened. Called again after a fault. */
  readonly open: (connector: Connector) => ToolReader;
}

const unavailable = { initialMs: 1_000, maxMs: 60_000 };
/** A wrong password that is tried often locks the account: seldom, and still so that mending it is noticed. */
const refused = { initialMs: 60_000, maxMs: 900_000 };
const leastRefusedMs = 60_000;
/** However long a tool asks us to wait, it is asked again after this. */
const longestWaitMs = 3_600_000;

/**
 * Reads one server until `signal` aborts: reads all that is new, hands it on, then moves the cursor, then waits for
 * more. A fault is told in the state, and the same is tried again from the cursor, after what the tool asked for or a
 * back-off with jitter. So a process killed at any moment repeats events and loses none; repeated ones have the same
 * name and are dropped as such. Never throws.
 */
export async function runConnector(
  deps: RunConnectorDeps,
  connector: Connector,
  signal: AbortSignal,
): Promise<void> {
  const pauses = {
    unavailable: new Backoff(unavailable, deps.clock, deps.random),
    refused: new Backoff(refused, deps.clock, deps.random),
  };
  const run = new ConnectorRun(deps, connector, signal);
  while (!signal.aborted) {
    try {
      await run.readUntilFault(() => {
        pauses.unavailable.reset();
        pauses.refused.reset();
      });
    } catch (error) {
      if (signal.aborted) return;
      await run.tell(error);
      const needsSomebody = error instanceof OpenFrameError && !error.retryable;
      await deps.clock.sleep(needsSomebody ? leastRefusedMs : askedPauseMs(error), signal);
      await (needsSomebody ? pauses.refused : pauses.unavailable).wait(signal);
    }
  }
}

function askedPauseMs(error: unknown): number {
  const { retryAfterMs } = error instanceof OpenFrameError ? error.details : {};
  return typeof retryAfterMs === 'number' ? Math.min(longestWaitMs, retryAfterMs) : 0;
}

class ConnectorRun {
  readonly #deps: RunConnectorDeps;
  readonly #connector: Connector;
  readonly #signal: AbortSignal;
  #state: ConnectorState = freshState;

  constructor(deps: RunConnectorDeps, connector: Connector, signal: AbortSignal) {
    this.#deps = deps;
    this.#connector = connector;
    this.#signal = signal;
  }

  /** `caughtUp` is called each time when all that the tool had was read. */
  async readUntilFault(caughtUp: () => void): Promise<void> {
    const { registry, clock, open } = this.#deps;
    const connector = this.#connector;
    const before = (await registry.state(connector)) ?? freshState;
    this.#state = { ...before, state: 'starting' };
    await using reader = open(connector);
    let cursor = await registry.cursor(connector);
    while (!this.#signal.aborted) {
      for await (const page of reader.read(cursor, this.#signal)) {
        await this.#take(page);
        cursor = page.cursor ?? cursor;
      }
      if (this.#signal.aborted) return;
      caughtUp();
      await this.#save({ state: 'reading', caughtUpMs: clock.nowMs(), fault: null });
      await reader.changed(connector.pollMs, this.#signal);
    }
  }

  async tell(error: unknown): Promise<void> {
    const code = error instanceof OpenFrameError ? error.code : 'INTERNAL';
    const fault = { code, message: messageOf(error).slice(0, 1_000) };
    // The store may be what failed: then the state waits with everything else.
    await this.#save({ state: 'waiting', fault }).catch(() => undefined);
  }

  /** Durable in the log first, the cursor after it: the other way round, a crash between the two would lose. */
  async #take({ readings, cursor, remark }: ToolPage): Promise<void> {
    const { registry, log, clock } = this.#deps;
    await handOn(log, this.#connector, readings, clock.nowMs());
    if (cursor !== undefined) await registry.setCursor(this.#connector, cursor);
    const latest = readings.reduce(
      (ms, { timeMs }) => (timeMs > ms ? timeMs : ms),
      this.#state.lastEventMs ?? 0,
    );
    if (readings.length === 0 && remark === undefined) return;
    await this.#save({
      events: this.#state.events + readings.length,
      lastEventMs: latest === 0 ? null : latest,
      ...(remark === undefined ? {} : { remark }),
    });
  }

  async #save(change: Partial<ConnectorState>): Promise<void> {
    this.#state = { ...this.#state, ...change };
    await this.#deps.registry.setState(this.#connector, this.#state);
  }
}
