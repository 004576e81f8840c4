import { createRandom } from '../random.ts';
import type { Stage } from '../stage.ts';
import { settled } from './scheduler.ts';
import { remember } from './story.ts';
import { type MutationContext, type Ports, World } from './world.ts';

export interface SimulationOptions {
  /** The stage that lets each event through once. Default: a small one that keeps every id. */
  readonly dedupe?: () => Stage;
  /** Distinct events fed; about a fifth of them come more than once. Default 32. */
  readonly events?: number;
  /** Breaks a port on purpose, to show that the simulation notices. */
  readonly mutate?: (ports: Ports, context: MutationContext) => Ports;
  /** Told of everything that happens. */
  readonly trace?: (line: string) => void;
}

export interface SimulationReport {
  readonly seed: number;
  /** What must never happen and did; empty where all went well. */
  readonly violations: readonly string[];
  /** Equal for equal seeds: of everything that happened, in order. */
  readonly traceHash: number;
  readonly steps: number;
  readonly crashes: number;
  readonly moves: number;
}

const faults = { refused: 0.04, lostAnswer: 0.04, repeated: 0.04, slow: 0.1 };
/** A world that has not come to rest after so many steps without faults never will. */
const maxCalmSteps = 6000;

/** Lives one world through from its seed: a stormy time, a calm one, and the judgement. */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<SimulationReport> {
  const { dedupe = remember, events = 32, mutate = (ports: Ports) => ports, trace } = options;
  const world = new World({ seed, dedupe, events, mutate, ...(trace === undefined ? {} : { trace }) });
  const { scheduler, judge } = world;
  await storm(world, seed);
  scheduler.calm();
  const calmFrom = scheduler.steps;
  while (!world.isAtRest && judge.violations.length === 0) {
    if (scheduler.steps - calmFrom > maxCalmSteps || world.ended.length > 0 || !(await scheduler.step())) {
      const why = world.ended.map((run) => `${run.name}: ${run.status().reason}`).join('; ');
      judge.violations.push(`it never came to rest: ${why || 'nothing moves it'}`);
    }
  }
  if (judge.violations.length === 0) {
    await wind(world);
    world.conclude();
  }
  const { crashes, moves } = world;
  const { traceHash, steps } = scheduler;
  return { seed, violations: judge.violations, traceHash, steps, crashes, moves };
}

/** Feeds the world while requests fail, answers get lost, processes die and partitions move. */
async function storm(world: World, seed: number): Promise<void> {
  const random = createRandom(seed ^ 0x5f3759df);
  world.scheduler.faults = faults;
  for (let after = 40; after > 0 && world.judge.violations.length === 0;) {
    const what = random.below(400);
    if (what < 40) world.feed();
    else if (what < 43) world.crash();
    else if (what < 63) world.move();
    else if (what < 66) world.compact();
    if (!(await world.scheduler.step())) break;
    if (world.isFed) after--;
  }
}

/** Stops every run, drained. */
async function wind(world: World): Promise<void> {
  let stopped = false;
  const stopping = world.stop().then(() => (stopped = true));
  // A run that was asleep has only been woken: what it asks for next is not under way yet.
  await settled();
  while (!stopped && (await world.scheduler.step()));
  if (!stopped) world.judge.violations.push('a run did not stop');
  else await stopping;
}
