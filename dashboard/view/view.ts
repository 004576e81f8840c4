import type { Severity } from '../../contracts/event.ts';

/** In ascending order, as the contract has them. */
export const severities = [
  'DEBUG',
  'INFO',
  'WARNING',
  'ERROR',
  'CRITICAL',
] as const satisfies readonly Severity[];

/** Each range with the width of a bucket of its chart and how often it is asked for again. */
export const ranges = {
  '5m': { label: '5 min', spanMs: 300_000, bucket: '5s', bucketMs: 5_000, refreshMs: 2_000 },
  '15m': { label: '15 min', spanMs: 900_000, bucket: '15s', bucketMs: 15_000, refreshMs: 2_000 },
  '1h': { label: '1 hour', spanMs: 3_600_000, bucket: '1m', bucketMs: 60_000, refreshMs: 5_000 },
  '24h': { label: '24 hours', spanMs: 86_400_000, bucket: '15m', bucketMs: 900_000, refreshMs: 15_000 },
} as const;
export type RangeName = keyof typeof ranges;

/** Everything that decides which rows are shown: wholly in the address, so a reload or a link shows the same. */
export interface View {
  readonly range: RangeName;
  /** A stretch of the chart that was selected; the live range where null. */
  readonly zoom: { readonly fromMs: number; readonly toMs: number } | null;
  /** Empty: all. */
  readonly severities: readonly Severity[];
  readonly search: string;
  /** Whether the newest events have the measurements and heartbeats too. */
  readonly routine: boolean;
  /** The device whose panel is open. */
  readonly device: string | null;
  readonly deviceSearch: string;
  readonly deviceStatus: 'ONLINE' | 'OFFLINE' | null;
  readonly deviceCursor: string | null;
}

export const defaultView: View = {
  range: '5m',
  zoom: null,
  severities: [],
  search: '',
  routine: false,
  device: null,
  deviceSearch: '',
  deviceStatus: null,
  deviceCursor: null,
};

/** Reads an address's query string; what it does not understand falls back to the default. */
export function parseView(queryString: string): View {
  const query = new URLSearchParams(queryString);
  const range = query.get('range') ?? '';
  const status = query.get('status');
  const asked = (query.get('severities') ?? '').split(',');
  return {
    range: isRange(range) ? range : defaultView.range,
    zoom: parseZoom(query.get('from'), query.get('to')),
    severities: severities.filter((severity) => asked.includes(severity)),
    search: query.get('search') ?? '',
    routine: query.get('routine') === 'show',
    device: query.get('device'),
    deviceSearch: query.get('devices') ?? '',
    deviceStatus: status === 'ONLINE' || status === 'OFFLINE' ? status : null,
    deviceCursor: query.get('cursor'),
  };
}

/** The query string of a view, `''` for the default; `parseView` reads it back to the same view. */
export function printView(view: View): string {
  const query = new URLSearchParams();
  if (view.range !== defaultView.range) query.set('range', view.range);
  if (view.zoom !== null) {
    query.set('from', new Date(view.zoom.fromMs).toISOString());
    query.set('to', new Date(view.zoom.toMs).toISOString());
  }
  if (view.severities.length > 0) query.set('severities', view.severities.join(','));
  if (view.search !== '') query.set('search', view.search);
  if (view.routine) query.set('routine', 'show');
  if (view.device !== null) query.set('device', view.device);
  if (view.deviceSearch !== '') query.set('devices', view.deviceSearch);
  if (view.deviceStatus !== null) query.set('status', view.deviceStatus);
  if (view.deviceCursor !== null) query.set('cursor', view.deviceCursor);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

function isRange(name: string): name is RangeName {
  return Object.hasOwn(ranges, name);
}

function parseZoom(from: string | null, to: string | null): View['zoom'] {
  const fromMs = Date.parse(from ?? '');
  const toMs = Date.parse(to ?? '');
  return fromMs < toMs ? { fromMs, toMs } : null;
}

/** The filters that narrow events; false where all are shown. */
export function isFiltered(view: View): boolean {
  return view.severities.length > 0 || view.search !== '';
}

/** The moments and bucket that the events chart asks for. `toMs` null: up to now. */
export function windowOf(view: View, nowMs: number): EventWindow {
  const range = ranges[view.range];
  if (view.zoom === null) {
    const fromMs = Math.floor((nowMs - range.spanMs) / range.bucketMs) * range.bucketMs;
    return { fromMs, toMs: null, bucket: range.bucket, bucketMs: range.bucketMs, refreshMs: range.refreshMs };
  }
  const { fromMs, toMs } = view.zoom;
  const step = zoomSteps.find((one) => (toMs - fromMs) / one.bucketMs <= 120) ?? coarsestStep;
  return { fromMs, toMs, ...step, refreshMs: 15_000 };
}

export interface EventWindow {
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly bucket: string;
  readonly bucketMs: number;
  readonly refreshMs: number;
}

const coarsestStep = { bucket: '1h', bucketMs: 3_600_000 };
const zoomSteps = [
  { bucket: '1s', bucketMs: 1_000 },
  { bucket: '5s', bucketMs: 5_000 },
  { bucket: '15s', bucketMs: 15_000 },
  { bucket: '1m', bucketMs: 60_000 },
  { bucket: '5m', bucketMs: 300_000 },
  { bucket: '15m', bucketMs: 900_000 },
  coarsestStep,
];
