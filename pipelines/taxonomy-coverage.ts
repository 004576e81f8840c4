import { mappingsOfTools } from '../enrichers/meaning.ts';
import { unifiedTypes } from '../enrichers/taxonomy.ts';
import { readToolFixtures, runToolFixture } from './tool-fixtures.ts';

/** Which fixtures reach a unified type. */
export interface TypeCoverage {
  readonly type: string;
  readonly fixtures: readonly string[];
  /** `TOOL source.type` of the events that reached it. */
  readonly words: readonly string[];
}

export interface TaxonomyCoverage {
  readonly types: readonly TypeCoverage[];
  /** Unified types that no fixture reaches: none, or the taxonomy promises what nothing can keep. */
  readonly unreached: readonly string[];
  /** Words of a mapping that no fixture has, as `TOOL word`. */
  readonly withoutFixture: readonly string[];
  /** Words of fixtures that no mapping has; their events keep them for their type. */
  readonly unmapped: readonly string[];
}

/** Words whose meaning is in the data, or does not depend on the tool. */
const knownByData = [
  'OPENFRAME openframe.log',
  'OPENFRAME openframe.device',
  'OTLP openframe.log',
  'OTLP openframe.metrics',
];

/** Sends every fixture through the topologies and says which types and which of the tools' words were reached. */
export async function coverTaxonomy(): Promise<TaxonomyCoverage> {
  const reached = new Map<string, { fixtures: Set<string>; words: Set<string> }>();
  const words = new Set<string>();
  for (const [file, fixtures] of await readToolFixtures()) {
    for (const fixture of fixtures) {
      for (const event of (await runToolFixture(fixture)).stored) {
        const word = `${event.toolType} ${event.sourceType}`;
        words.add(word);
        const found = reached.get(event.eventType) ?? { fixtures: new Set(), words: new Set() };
        reached.set(event.eventType, found);
        found.fixtures.add(`${file}: ${fixture.name}`);
        found.words.add(word);
      }
    }
  }
  const types = [...unifiedTypes.keys()].map((type) => ({
    type,
    fixtures: [...(reached.get(type)?.fixtures ?? [])],
    words: [...(reached.get(type)?.words ?? [])],
  }));
  const mapped = Object.entries(mappingsOfTools).flatMap(([tool, mappings]) =>
    Object.keys(mappings).map((word) => `${tool} ${word}`),
  );
  const known = new Set([...mapped, ...knownByData]);
  return {
    types,
    unreached: types.filter(({ fixtures }) => fixtures.length === 0).map(({ type }) => type),
    withoutFixture: mapped.filter((word) => !words.has(word)),
    unmapped: [...words].filter((word) => !known.has(word)),
  };
}
