import { describe, expect, it } from 'vitest';

import { completenessOf } from './completeness.ts';
import { pipelineStatus } from './pipeline-fixture.ts';

const latencyMs = { p50: 1, p99: 2, max: 300 };

describe('completenessOf', () => {
  it('is now without pipelines and without delay', () => {
    expect(completenessOf([], 5_000)).toEqual({ kind: 'complete', toMs: 5_000 });
  });

  it('lies the longest time to commit before now', () => {
    const pipelines = [pipelineStatus('a', [], 'x', { latencyMs }), pipelineStatus('b', [], 'y')];
    expect(completenessOf(pipelines, 5_000)).toEqual({ kind: 'complete', toMs: 4_700 });
  });

  it('lies as long before now as the lag takes at its rate', () => {
    const pipelines = [pipelineStatus('a', [], 'x', { latencyMs, lag: 20, ratePerSecond: 10 })];
    expect(completenessOf(pipelines, 5_000)).toEqual({ kind: 'complete', toMs: 3_000 });
  });

  it('names what has stopped instead of a moment', () => {
    const pipelines = [pipelineStatus('a', [], 'x', { state: 'stopped' }), pipelineStatus('b', [], 'y')];
    expect(completenessOf(pipelines, 5_000)).toEqual({ kind: 'stopped', names: ['a'] });
  });
});
