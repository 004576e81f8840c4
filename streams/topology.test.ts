import { describe, expect, it } from 'vitest';

import { emit, type Stage } from './stage.ts';
import {
  changelogsOf,
  drawTopology,
  from,
  lintTopology,
  type OutputDefinition,
  type Topology,
} from './topology.ts';

const source = {
  topics: ['raw'],
  format: { headers: { tenant: { name: 'tenant', kind: 'text' } }, value: { name: 'data', kind: 'json' } },
} as const;
const output: OutputDefinition = { topic: 'clean', partitionBy: 'same', value: 'as-is' };

function stage(name: string, parts: Partial<Stage> = {}): Stage {
  return { name, reads: [], adds: [], open: () => ({ process: () => emit }), ...parts };
}

function topology(stages: readonly Stage[], parts: Partial<Topology> = {}): Topology {
  return { name: 'test', source, stages, output, ...parts };
}

describe('a topology', () => {
  it('is refused with all its faults at once', () => {
    const build = () =>
      from('bad', source)
        .through(stage('a', { reads: ['nothing'] }))
        .through(stage('a', { reads: ['neither'] }))
        .to(output)
        .build();
    expect(build).toThrow(expect.objectContaining({ code: 'TOPOLOGY_INVALID' }));
    expect(build).toThrow(/nothing.*two stages are called 'a'.*neither/s);
  });

  it.each<[string, Topology]>([
    ['reads no topic', topology([], { source: { ...source, topics: [] } })],
    ["ingest time 'when' is no field", topology([], { source: { ...source, ingestTimeField: 'when' } })],
    [
      "reads 'late'",
      topology([stage('a', { reads: ['late'] }), stage('b', { adds: [{ name: 'late', kind: 'text' }] })]),
    ],
    ["adds 'tenant' as number", topology([stage('a', { adds: [{ name: 'tenant', kind: 'number' }] })])],
    ["writes 'gone'", topology([], { output: { ...output, value: [{ name: 'gone', kind: 'text' }] } })],
    [
      "writes 'data' as text",
      topology([], { output: { ...output, value: [{ name: 'data', kind: 'text' }] } }),
    ],
    ["header is taken from 'gone'", topology([], { output: { ...output, addHeaders: { h: 'gone' } } })],
    [
      "changelog 's' is already the topic of the stage 'a'",
      topology(['a', 'b'].map((name) => stage(name, { changelog: { topic: 's', cleanup: 'compact' } }))),
    ],
    [
      "changelog 'clean' is already the topic of the output",
      topology([stage('a', { changelog: { topic: 'clean', cleanup: 'compact' } })]),
    ],
  ])('is refused where it %s', (fault, faulty) => {
    expect(lintTopology(faulty)).toEqual([expect.stringContaining(fault)]);
  });

  it('has no fault where each field is given before it is read', () => {
    const given = stage('a', { adds: [{ name: 'x', kind: 'text' }] });
    expect(lintTopology(topology([given, stage('b', { reads: ['x', 'tenant', 'data'] })]))).toEqual([]);
  });

  it('is drawn from source to output, state included', () => {
    const dedupe = stage('de"dupe', { changelog: { topic: 'marks', cleanup: 'delete' } });
    const drawn = topology([stage('decode'), dedupe]);
    expect(changelogsOf(drawn).map((changelog) => changelog.topic)).toEqual(['marks']);
    expect(drawTopology(drawn).split('\n')).toEqual([
      'flowchart LR',
      '  in0[("raw")] --> s0',
      '  s0["decode"] --> s1',
      '  s1["de#quot;dupe"] --> out',
      '  s1 <-.-> c1[("marks")]',
      '  out[("clean")]',
    ]);
    expect(drawTopology(topology([]))).toContain('in0[("raw")] --> out');
  });
});
