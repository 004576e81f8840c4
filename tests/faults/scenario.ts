import type { EngineAddresses } from '../../engines/engine.ts';
import type { EngineOptions } from '../../engines/options.ts';
import type { Clock } from '../../streams/clock.ts';
import type { Random } from '../../streams/random.ts';

/** `short` is part of `npm run test:engines`, `full` is `npm run test:faults`. */
export type Size = 'short' | 'full';

/** What a scenario is given. */
export interface FaultContext {
  readonly size: Size;
  /** Decides what goes where and when: equal seeds plan equal faults. */
  readonly seed: number;
  readonly random: Random;
  readonly clock: Clock;
  /** The servers that scenarios share. One that is to be killed is the scenario's own. */
  readonly engines: EngineAddresses;
  /** How a scenario starts servers of its own. */
  readonly engineTools: Pick<EngineOptions, 'cacheDir' | 'javaHome'>;
  /** What the scenario starts goes here. */
  readonly stack: AsyncDisposableStack;
}

/** What a scenario saw. */
export interface FaultReport {
  /** Accepted by the door, or written to the raw topic where the scenario begins there. */
  readonly events: number;
  readonly faults: number;
  /** Accepted events without a row, in the event log and, where the scenario writes it, in analytics. */
  readonly lost: number;
  /** Rows beyond the first of an event, and records of the enriched topic beyond the first. */
  readonly duplicated: number;
  /** Rows whose tenant or payload is not what was sent, and rows of events that nobody sent. */
  readonly altered: number;
  /** Records of a device behind a later one of the same device, in the enriched topic. */
  readonly reordered: number;
  /** From the last acceptance, or the end of the fault where that was later, until the last row was there. */
  readonly catchUpMs: number;
  /** What else the scenario measured, and expects. */
  readonly seen: Readonly<Record<string, number | string>>;
}

export interface Scenario {
  readonly name: string;
  /** What happens, as a law. */
  readonly law: string;
  /** How long it may take, by size. */
  readonly timeoutMs: Readonly<Record<Size, number>>;
  /** Throws where what it saw besides the report is not what must be. */
  run(context: FaultContext): Promise<FaultReport>;
}

export const minuteMs = 60_000;
