import { describe, expect, it } from 'vitest';

import { drawPicture, type Picture, type PictureNode } from './picture.ts';
import { pipelineStatus, platformPipelines } from './pipeline-fixture.ts';

function nodeOf(picture: Picture, id: string): PictureNode {
  const node = picture.nodes.find((one) => one.id === id);
  if (node === undefined) throw new Error(`The picture has no ${id}.`);
  return node;
}

function overlap(a: PictureNode, b: PictureNode): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

const order = [
  'agents',
  'gateway',
  'topic TELEMETRY',
  'relay',
  'topic telemetry.raw.v1',
  'telemetry',
  'topic telemetry.enriched.v1',
  'event-log',
];

describe('drawPicture', () => {
  it('puts each part after what feeds it', () => {
    const across = drawPicture(platformPipelines(), 'across', 1_400);
    const down = drawPicture(platformPipelines(), 'down', 350);
    const rights = order.map((id) => nodeOf(across, id).x);
    const downs = order.map((id) => nodeOf(down, id).y);
    expect(rights).toEqual(rights.toSorted((a, b) => a - b));
    expect(downs).toEqual(downs.toSorted((a, b) => a - b));
    expect(new Set(rights).size).toBe(order.length);
  });

  it.each(['across', 'down'] as const)('lets no two parts overlap, %s', (orientation) => {
    const { nodes } = drawPicture(platformPipelines(), orientation, 350);
    for (const a of nodes) for (const b of nodes) if (a !== b) expect(overlap(a, b)).toBe(false);
  });

  it('stays within its room when it runs down', () => {
    const picture = drawPicture(platformPipelines(), 'down', 330);
    for (const { x, width } of picture.nodes) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(330);
    }
  });

  it('draws sinks beside each other, without a part for what nobody reads on', () => {
    const picture = drawPicture(platformPipelines(), 'across', 1_400);
    expect(nodeOf(picture, 'event-log').x).toBe(nodeOf(picture, 'analytics').x);
    expect(picture.nodes).toHaveLength(9);
    expect(picture.edges).toHaveLength(8);
  });

  it('gives an edge the rate of the pipeline at its end', () => {
    const { edges } = drawPicture(platformPipelines(), 'across', 1_400);
    const rates = new Map(edges.map(({ id, ratePerSecond }) => [id, ratePerSecond]));
    expect(rates.get('agents gateway')).toBe(7);
    expect(rates.get('topic telemetry.raw.v1 telemetry')).toBe(6);
    expect(rates.get('topic telemetry.enriched.v1 analytics')).toBe(0);
  });

  it('draws the many topics that one pipeline reads from outside as one part', () => {
    const statuses = [...platformPipelines(), pipelineStatus('tools', ['a', 'b', 'c'], 'telemetry.tools.v1')];
    const { nodes, edges } = drawPicture(statuses, 'across', 1_400);
    expect(nodes.filter(({ id }) => /^topic [abc]$/.test(id))).toEqual([]);
    expect(edges.map(({ id }) => id)).toContain('topic 3 topics of tools tools');
  });

  it('keeps the order where a pipeline writes to a topic that stands before it', () => {
    const statuses = [
      ...platformPipelines(),
      pipelineStatus('presence', ['telemetry.enriched.v1'], 'telemetry.raw.v1'),
    ];
    const picture = drawPicture(statuses, 'across', 1_400);
    const lefts = [...order.slice(0, -1), 'presence'].map((id) => nodeOf(picture, id).x);
    expect(lefts).toEqual(lefts.toSorted((a, b) => a - b));
    expect(picture.edges.map(({ id }) => id)).toContain('presence topic telemetry.raw.v1');
    const bottom = Math.max(...picture.nodes.map(({ y, height }) => y + height));
    expect(picture.height).toBeGreaterThan(bottom + 20);
  });

  it('goes on in a new line before its words are too small to read', () => {
    const chain = Array.from({ length: 6 }, (_, i) => pipelineStatus(`p${i}`, [`t${i}`], `t${i + 1}`));
    const statuses = [...chain, pipelineStatus('back', ['t6'], 't1')];
    for (const room of [1_000, 1_380, 2_600]) {
      const picture = drawPicture(statuses, 'across', room);
      expect(picture.width * 0.9).toBeLessThanOrEqual(room);
      for (const a of picture.nodes)
        for (const b of picture.nodes) if (a !== b) expect(overlap(a, b)).toBe(false);
    }
    expect(new Set(drawPicture(statuses, 'across', 1_380).nodes.map(({ line }) => line)).size).toBe(2);
  });

  it('gives parts beside each other room for their words when it runs down', () => {
    const { nodes } = drawPicture(platformPipelines(), 'down', 330);
    for (const { kind, width } of nodes) if (kind === 'pipeline') expect(width).toBeGreaterThanOrEqual(140);
  });

  it('ends on pipelines in a circle', () => {
    const circle = [pipelineStatus('a', ['x'], 'y'), pipelineStatus('b', ['y'], 'x')];
    expect(drawPicture(circle, 'across', 1_400).nodes.length).toBeGreaterThan(0);
  });
});
