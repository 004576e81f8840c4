import type { PipelineStatus } from '../api/answers.ts';

export interface PictureNode {
  readonly id: string;
  readonly kind: 'door' | 'topic' | 'pipeline';
  readonly label: string;
  readonly status: PipelineStatus | null;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Of a picture that runs across: its line, counted from the top. 0 where it runs down. */
  readonly line: number;
}

export interface PictureEdge {
  readonly id: string;
  /** An SVG path. */
  readonly path: string;
  readonly ratePerSecond: number;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PictureNode[];
  readonly edges: readonly PictureEdge[];
}

export type Orientation = 'across' | 'down';

/** Heights of a pipeline's parts, which the drawing shares. */
export const rowHeight = 18;
export const headHeight = 30;
/** Rate, lag and p99. */
const figureRows = 3;

/** What a link that leads back takes below the parts. */
const backRoom = 32;
/** Between the lines of a picture that runs across: links go through there, also those that lead back. */
const betweenLines = 56;
/** A picture is drawn so much smaller than it is at most, or its words could not be read: then it goes on in a new line. */
const smallest = 0.9;
/** In a picture that runs down, parts beside each other are at least this wide. */
const narrowest = 140;

const gap = { across: { between: 34, beside: 12 }, down: { between: 26, beside: 8 } } as const;
const widths = { door: 84, topic: 160, pipeline: 152 } as const;

interface Part {
  readonly id: string;
  readonly kind: PictureNode['kind'];
  readonly label: string;
  readonly status: PipelineStatus | null;
  readonly rank: number;
}

interface Link {
  readonly from: string;
  readonly to: string;
  readonly ratePerSecond: number;
  readonly leadsBack: boolean;
}

/**
 * Draws whatever pipelines there are from the door on: a pipeline stands after what it reads, a topic after
 * the pipeline that fills it. What nobody reads on is not drawn apart from the sink that fills it.
 */
export function drawPicture(
  statuses: readonly PipelineStatus[],
  orientation: Orientation,
  room: number,
): Picture {
  const links = linksOf(statuses);
  const parts = partsOf(statuses, links);
  const nodes = place(parts, orientation, room);
  const known = new Map(nodes.map((node) => [node.id, node]));
  const width = Math.max(0, ...nodes.map((node) => node.x + node.width)) + 1;
  const bottom = Math.max(0, ...nodes.map((node) => node.y + node.height)) + 1;
  const bottomOf = (line: number): number =>
    Math.max(...nodes.filter((node) => node.line === line).map((node) => node.y + node.height)) + 1;
  const edges = links.flatMap(({ from, to, ratePerSecond, leadsBack }) => {
    const [a, b] = [known.get(from), known.get(to)];
    if (a === undefined || b === undefined) return [];
    const path = leadsBack ? backPath(a, b, orientation, bottomOf(a.line)) : edgePath(a, b, orientation);
    return [{ id: `${from} ${to}`, path, ratePerSecond }];
  });
  const isBelow = orientation === 'across' && links.some(({ leadsBack }) => leadsBack);
  return { width, height: bottom + (isBelow ? backRoom : 0), nodes, edges };
}

function linksOf(statuses: readonly PipelineStatus[]): readonly Link[] {
  const read = new Set(statuses.flatMap(({ from }) => from));
  const filled = new Set(statuses.map(({ to }) => to));
  const links: Omit<Link, 'leadsBack'>[] = [{ from: 'agents', to: 'gateway', ratePerSecond: 0 }];
  for (const { name, from, to, ratePerSecond } of statuses) {
    for (const topic of from.filter((one) => filled.has(one))) {
      links.push({ from: `topic ${topic}`, to: name, ratePerSecond });
    }
    for (const topic of fromOutside(name, from, filled)) {
      links.push({ from: 'gateway', to: `topic ${topic}`, ratePerSecond });
      links.push({ from: `topic ${topic}`, to: name, ratePerSecond });
    }
    if (read.has(to)) links.push({ from: name, to: `topic ${to}`, ratePerSecond });
  }
  const entering = links.filter(({ from }) => from === 'gateway').map(({ ratePerSecond }) => ratePerSecond);
  const back = backLinks(links);
  return links.map((link) => ({
    ...link,
    ratePerSecond: link.from === 'agents' ? Math.max(0, ...entering) : link.ratePerSecond,
    leadsBack: back.has(link),
  }));
}

/** Several topics that come from outside of the platform are one part: their names would fill the picture. */
function fromOutside(name: string, from: readonly string[], filled: ReadonlySet<string>): readonly string[] {
  const outside = from.filter((topic) => !filled.has(topic));
  return outside.length <= 1 ? outside : [`${outside.length} topics of ${name}`];
}

function partsOf(statuses: readonly PipelineStatus[], links: readonly Link[]): readonly Part[] {
  const byName = new Map(statuses.map((status) => [status.name, status]));
  const ids = [...new Set(links.flatMap(({ from, to }) => [from, to]))];
  const ranks = ranksOf(ids, links);
  return ids.map((id) => {
    const status = byName.get(id) ?? null;
    const kind = status !== null ? 'pipeline' : id.startsWith('topic ') ? 'topic' : 'door';
    return { id, kind, label: id.replace(/^topic /, ''), status, rank: ranks.get(id) ?? 0 };
  });
}

/** The longest way from the start, without the links that lead back. */
function ranksOf(ids: readonly string[], links: readonly Link[]): ReadonlyMap<string, number> {
  const ranks = new Map(ids.map((id) => [id, 0]));
  const forward = links.filter(({ leadsBack }) => !leadsBack);
  for (let moved = true; moved;) {
    moved = false;
    for (const { from, to } of forward) {
      const next = (ranks.get(from) ?? 0) + 1;
      if (next <= (ranks.get(to) ?? 0)) continue;
      ranks.set(to, next);
      moved = true;
    }
  }
  return ranks;
}

/** Which links lead back to a part on the way to them: what a pipeline tells is read as what agents tell. */
function backLinks(links: readonly Omit<Link, 'leadsBack'>[]): ReadonlySet<object> {
  const back = new Set<object>();
  const done = new Set<string>();
  const way = new Set<string>();
  const visit = (id: string): void => {
    way.add(id);
    for (const link of links.filter(({ from }) => from === id)) {
      if (way.has(link.to)) back.add(link);
      else if (!done.has(link.to)) visit(link.to);
    }
    way.delete(id);
    done.add(id);
  };
  for (const { from } of links) if (!done.has(from)) visit(from);
  return back;
}

function heightOf({ kind, status }: Part): number {
  if (kind !== 'pipeline') return 44;
  const stages = status?.stages.length ?? 0;
  const rows = figureRows + ((status?.deadLetters ?? 0) > 0 ? 1 : 0);
  return headHeight + rows * rowHeight + 8 + (stages === 0 ? 0 : stages * rowHeight + 9);
}

function place(parts: readonly Part[], orientation: Orientation, room: number): readonly PictureNode[] {
  const ranks = [...new Set(parts.map(({ rank }) => rank))].sort((a, b) => a - b);
  const layers = ranks.map((rank) => parts.filter((part) => part.rank === rank));
  return orientation === 'across' ? placeAcross(layers, room) : placeDown(layers, room);
}

type Layer = readonly Part[];

function broadestOf(layer: Layer): number {
  return Math.max(...layer.map(({ kind }) => widths[kind]));
}

function placeAcross(layers: readonly Layer[], room: number): readonly PictureNode[] {
  let top = 0;
  return linesOf(layers, room).flatMap((line, number) => {
    const nodes = placeLine(line, top, number);
    top = Math.max(...nodes.map(({ y, height }) => y + height)) + betweenLines;
    return nodes;
  });
}

/** As few lines as the room allows, each of about as many layers. */
function linesOf(layers: readonly Layer[], room: number): readonly (readonly Layer[])[] {
  for (let count = 1; ; count++) {
    const perLine = Math.max(1, Math.ceil(layers.length / count));
    const lines = layers.flatMap((_, i) => (i % perLine === 0 ? [layers.slice(i, i + perLine)] : []));
    const longest = Math.max(
      0,
      ...lines.map((line) => sum(line.map((l) => broadestOf(l) + gap.across.between))),
    );
    if (longest * smallest <= room || perLine === 1) return lines;
  }
}

function placeLine(layers: readonly Layer[], top: number, line: number): readonly PictureNode[] {
  const { between, beside } = gap.across;
  const lengths = layers.map((layer) => sum(layer.map(heightOf)) + beside * (layer.length - 1));
  const middle = top + Math.max(0, ...lengths) / 2;
  let x = 1;
  return layers.flatMap((layer, index) => {
    let y = 1 + middle - (lengths[index] ?? 0) / 2;
    const left = x;
    const broadest = broadestOf(layer);
    x += broadest + between;
    return layer.map((part) => {
      const node = { ...part, x: left, y, width: broadest, height: heightOf(part), line };
      y += node.height + beside;
      return node;
    });
  });
}

function placeDown(layers: readonly (readonly Part[])[], room: number): readonly PictureNode[] {
  const { between, beside } = gap.down;
  const most = Math.max(1, Math.floor((room + beside) / (narrowest + beside)));
  let y = 1;
  return layers.flatMap(rowsOf(most)).flatMap((layer) => {
    const share = (room - 2 - beside * (layer.length - 1)) / layer.length;
    const width = Math.min(layer.length === 1 ? 220 : 180, share);
    let x = (room - width * layer.length - beside * (layer.length - 1)) / 2;
    const top = y;
    y += Math.max(...layer.map(heightOf)) + between;
    return layer.map((part) => {
      const node = { ...part, x, y: top, width, height: heightOf(part), line: 0 };
      x += width + beside;
      return node;
    });
  });
}

/** A layer of too many parts becomes several, about equal ones. */
function rowsOf(most: number): (layer: readonly Part[]) => readonly (readonly Part[])[] {
  return (layer) => {
    const perRow = Math.ceil(layer.length / Math.ceil(layer.length / most));
    return layer.flatMap((_, i) => (i % perRow === 0 ? [layer.slice(i, i + perRow)] : []));
  };
}

function edgePath(a: PictureNode, b: PictureNode, orientation: Orientation): string {
  if (orientation === 'across' && a.line === b.line) {
    const [x1, y1, x2, y2] = [a.x + a.width, a.y + a.height / 2, b.x, b.y + b.height / 2];
    const bend = (x1 + x2) / 2;
    return `M${x1} ${y1}C${bend} ${y1} ${bend} ${y2} ${x2 - 5} ${y2}`;
  }
  const [x1, y1, x2, y2] = [a.x + a.width / 2, a.y + a.height, b.x + b.width / 2, b.y];
  const bend = (y1 + y2) / 2;
  return `M${x1} ${y1}C${x1} ${bend} ${x2} ${bend} ${x2} ${y2 - 5}`;
}

/** Below the parts of its line, up to an earlier line, or along the left edge. */
function backPath(a: PictureNode, b: PictureNode, orientation: Orientation, bottom: number): string {
  if (orientation === 'across' && a.line !== b.line) {
    const [x1, y1, x2, y2] = [a.x + a.width / 2, a.y, b.x + b.width / 2, b.y + b.height];
    const bend = (y1 + y2) / 2;
    return `M${x1} ${y1}C${x1} ${bend} ${x2} ${bend} ${x2} ${y2 + 5}`;
  }
  if (orientation === 'across') {
    const [x1, y1, x2, y2] = [a.x + a.width / 2, a.y + a.height, b.x + b.width / 2, b.y + b.height];
    const low = bottom + backRoom;
    return `M${x1} ${y1}C${x1} ${low} ${x2} ${low} ${x2} ${y2 + 5}`;
  }
  const [y1, y2] = [a.y + a.height / 2, b.y + b.height / 2];
  return `M${a.x} ${y1}C0 ${y1} 0 ${y2} ${b.x - 5} ${y2}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
