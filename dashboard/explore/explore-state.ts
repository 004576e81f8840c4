import type { Severity } from '../../contracts/event.ts';
import type { Params } from '../api/client.ts';
import { severities } from '../view/view.ts';

/** The live ranges, with how often each is asked for again. */
export const exploreRanges = {
  '15m': { label: '15 min', spanMs: 900_000, refreshMs: 5_000 },
  '1h': { label: '1 hour', spanMs: 3_600_000, refreshMs: 5_000 },
  '6h': { label: '6 hours', spanMs: 21_600_000, refreshMs: 15_000 },
  '24h': { label: '24 hours', spanMs: 86_400_000, refreshMs: 15_000 },
  '7d': { label: '7 days', spanMs: 604_800_000, refreshMs: 60_000 },
  '30d': { label: '30 days', spanMs: 2_592_000_000, refreshMs: 60_000 },
} as const;
export type ExploreRange = keyof typeof exploreRanges;

export const groupings = ['severity', 'eventType', 'toolType', 'organizationId', 'deviceId'] as const;
export type Grouping = (typeof groupings)[number];

/** The filters that are lists, by the name that the API gives them, and the facet that counts each. */
export const listFilters = {
  severities: 'severity',
  eventTypes: 'eventType',
  toolTypes: 'toolType',
  organizationIds: 'organizationId',
} as const satisfies Readonly<Record<string, Grouping>>;
export type ListFilter = keyof typeof listFilters;

/** One question, which facets, chart, table and tail all ask: wholly in the address. */
export interface ExploreState {
  readonly range: ExploreRange;
  /** A stretch of time; the live range where null. */
  readonly zoom: { readonly fromMs: number; readonly toMs: number } | null;
  readonly severities: readonly Severity[];
  readonly eventTypes: readonly string[];
  readonly toolTypes: readonly string[];
  readonly organizationIds: readonly string[];
  readonly deviceId: string | null;
  readonly search: string;
  readonly groupBy: Grouping;
  readonly mode: 'table' | 'tail';
  readonly sort: 'desc' | 'asc';
  /** The event that is shown whole. */
  readonly event: string | null;
}

export const defaultExplore: ExploreState = {
  range: '1h',
  zoom: null,
  severities: [],
  eventTypes: [],
  toolTypes: [],
  organizationIds: [],
  deviceId: null,
  search: '',
  groupBy: 'severity',
  mode: 'table',
  sort: 'desc',
  event: null,
};

/** Reads a query string; what it does not understand falls back to the default. */
export function parseExplore(queryString: string): ExploreState {
  const query = new URLSearchParams(queryString);
  const range = query.get('range') ?? '';
  const texts = (name: string) => query.getAll(name).filter((text) => text !== '');
  return {
    range: Object.hasOwn(exploreRanges, range) ? (range as ExploreRange) : defaultExplore.range,
    zoom: parseZoom(query.get('from'), query.get('to')),
    severities: severities.filter((severity) => query.getAll('severities').includes(severity)),
    eventTypes: texts('eventTypes'),
    toolTypes: texts('toolTypes'),
    organizationIds: texts('organizationIds'),
    deviceId: query.get('deviceId') === '' ? null : query.get('deviceId'),
    search: query.get('search') ?? '',
    groupBy: groupings.find((one) => one === query.get('groupBy')) ?? defaultExplore.groupBy,
    mode: query.get('mode') === 'tail' ? 'tail' : 'table',
    sort: query.get('sort') === 'asc' ? 'asc' : 'desc',
    event: query.get('event') === '' ? null : query.get('event'),
  };
}

/** The query string of a state, `''` for the default; `parseExplore` reads it back to the same. */
export function printExplore(state: ExploreState): string {
  const query = new URLSearchParams();
  if (state.zoom === null && state.range !== defaultExplore.range) query.set('range', state.range);
  if (state.zoom !== null) {
    if (state.range !== defaultExplore.range) query.set('range', state.range);
    query.set('from', new Date(state.zoom.fromMs).toISOString());
    query.set('to', new Date(state.zoom.toMs).toISOString());
  }
  for (const name of ['severities', 'eventTypes', 'toolTypes', 'organizationIds'] as const) {
    for (const value of state[name]) query.append(name, value);
  }
  if (state.deviceId !== null) query.set('deviceId', state.deviceId);
  if (state.search !== '') query.set('search', state.search);
  if (state.groupBy !== defaultExplore.groupBy) query.set('groupBy', state.groupBy);
  if (state.mode !== defaultExplore.mode) query.set('mode', state.mode);
  if (state.sort !== defaultExplore.sort) query.set('sort', state.sort);
  if (state.event !== null) query.set('event', state.event);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** The address of a question: for links that lead a number to its rows. */
export function exploreHref(patch: Partial<ExploreState>): string {
  return `/explore${printExplore({ ...defaultExplore, ...patch })}`;
}

/** The filters as the API takes them, time left out. */
export function filterParams(state: ExploreState): Params {
  const { severities: levels, eventTypes, toolTypes, organizationIds, deviceId, search } = state;
  return { severities: levels, eventTypes, toolTypes, organizationIds, deviceId, search };
}

/** True where something but time narrows the rows. */
export function isNarrowed(state: ExploreState): boolean {
  return Object.values(filterParams(state)).some((value) => value !== null && value?.toString() !== '');
}

export const noFilters = {
  severities: [],
  eventTypes: [],
  toolTypes: [],
  organizationIds: [],
  deviceId: null,
  search: '',
} as const satisfies Partial<ExploreState>;

export interface ExploreWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketMs: number;
  readonly bucket: string;
}

const steps = [
  ['1s', 1_000],
  ['5s', 5_000],
  ['15s', 15_000],
  ['1m', 60_000],
  ['5m', 300_000],
  ['15m', 900_000],
  ['1h', 3_600_000],
  ['6h', 21_600_000],
  ['1d', 86_400_000],
] as const;
const coarsest = ['7d', 604_800_000] as const;

/** The moments and the width of a bucket, at most 120 of them, of a state that is asked at `asOfMs`. */
export function windowOf(
  { range, zoom }: Pick<ExploreState, 'range' | 'zoom'>,
  asOfMs: number,
): ExploreWindow {
  const { fromMs, toMs } = zoom ?? { fromMs: asOfMs - exploreRanges[range].spanMs, toMs: asOfMs };
  const [bucket, bucketMs] = steps.find(([, widthMs]) => (toMs - fromMs) / widthMs <= 120) ?? coarsest;
  return { fromMs, toMs, bucket, bucketMs };
}

function parseZoom(from: string | null, to: string | null): ExploreState['zoom'] {
  const fromMs = Date.parse(from ?? '');
  const toMs = Date.parse(to ?? '');
  return fromMs < toMs ? { fromMs, toMs } : null;
}
