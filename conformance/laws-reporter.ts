import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

import { deviationsCheck, notHere } from './law-titles.ts';
import { type LawResult, lawsSummary } from './laws-table.ts';

const folder = 'node_modules/.cache/openframe-laws';

/** Where a run of tests leaves what its engines hold. */
export const lawsFiles = { embedded: `${folder}/embedded.json`, engines: `${folder}/engines.json` } as const;

const between = ' on ';

/** Prints at a run's end what each engine holds of its ports' laws, and puts each whole suite's results into `file`. */
export class LawsReporter implements Reporter {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const results = modules.flatMap((module) => [...module.children.allSuites()].flatMap(resultsOf));
    if (results.length === 0) return;
    process.stdout.write(`\n${lawsSummary(results)}\n`);
    mkdirSync(dirname(this.#file), { recursive: true });
    const suites = new Set(results.map(suiteOf));
    const before = existsSync(this.#file) ? readLaws(this.#file) : [];
    const kept = before.filter((result) => !suites.has(suiteOf(result)));
    writeFileSync(this.#file, JSON.stringify([...kept, ...results]));
  }
}

export function readLaws(file: string): readonly LawResult[] {
  return JSON.parse(readFileSync(file, 'utf8')) as readonly LawResult[];
}

const suiteOf = ({ port, engine }: LawResult): string => port + between + engine;

/** Nothing of a suite of which only some tests were asked for. */
function resultsOf(suite: TestSuite): LawResult[] {
  const tests = [...suite.children.tests()];
  if (!tests.some((test) => test.name === deviationsCheck && test.result().state === 'passed')) return [];
  const at = suite.name.indexOf(between);
  const of = { port: suite.name.slice(0, at), engine: suite.name.slice(at + between.length) };
  return tests.flatMap((test) => (test.name === deviationsCheck ? [] : [{ ...of, ...resultOf(test) }]));
}

function resultOf(test: TestCase): Omit<LawResult, 'port' | 'engine'> {
  const [law = test.name, reason] = test.name.split(notHere);
  if (reason !== undefined) return { law, outcome: 'deviates', reason: reason.replace(/\)$/, '') };
  return { law, outcome: test.result().state === 'passed' ? 'held' : 'failed', reason: null };
}
