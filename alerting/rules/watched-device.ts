import type { CompiledRule, CompiledRules } from './compiled-rules.ts';
import type { KeptSeries, SeriesOwner } from './kept-series.ts';
import type { Series } from './series.ts';
import { createHabit, type ReportingHabit } from '../sites/silence-odds.ts';
import type { SitePulse } from '../sites/pulse.ts';

/** A series at work: what is kept of it, and how far that has been saved. */
export interface LiveSeries extends KeptSeries {
  readonly key: string;
  owner: SeriesOwner;
  readonly series: Series;
  readonly rule: CompiledRule;
  /** When its state went to the changelog last: by the observations' own time. */
  savedAtMs: number;
}

/** A device under watch. */
export interface WatchedDevice {
  readonly deviceId: string;
  hostname: string | null;
  organizationId: string | null;
  /** People may switch it off, as its inventory says; null while that is not known. */
  workstation: boolean | null;
  /** By rule and name. */
  readonly series: Map<string, Map<string, LiveSeries>>;
  seriesCount: number;
  /** Its last sign of life, by the time of the stream; 0 before the first. */
  seenMs: number;
  /** `seenMs` has changed since silence was judged last. */
  seen: boolean;
  /** How often it gives signs of life, and its organization's devices here. */
  readonly habit: ReportingHabit;
  site: WatchedSite | null;
  /** By what the event measures, when such a one was looked at. */
  readonly measuredAtMs: Map<number, number>;
}

/** An organization's devices on one partition, and what was told of them. */
export interface WatchedSite {
  readonly organizationId: string;
  name: string | null;
  readonly devices: Set<WatchedDevice>;
  present: number;
  silent: SitePulse['silent'];
  /** By device when it was heard last, in the partition's time. */
  readonly away: Map<string, number>;
  savedAtMs: number;
}

/** One tenant's devices on one partition, and its rules. */
export interface WatchedTenant {
  readonly tenantId: string;
  rules: CompiledRules;
  readonly devices: Map<string, WatchedDevice>;
  /** By organization. */
  readonly sites: Map<string, WatchedSite>;
  /** How often log lines of each form were met. */
  readonly forms: Map<number, number>;
  /** Log lines that may still be looked at in the second of `lineSecond`. */
  linesLeft: number;
  lineSecond: number;
}

export function createDevice(deviceId: string): WatchedDevice {
  return {
    deviceId,
    hostname: null,
    organizationId: null,
    workstation: null,
    series: new Map(),
    seriesCount: 0,
    seenMs: 0,
    seen: false,
    habit: createHabit(),
    site: null,
    measuredAtMs: new Map(),
  };
}

/** Whether a rule looks at this device. */
export function appliesTo({ rule }: CompiledRule, device: WatchedDevice): boolean {
  const { organizationIds, deviceIds } = rule;
  return (
    (deviceIds?.includes(device.deviceId) ?? true) &&
    (organizationIds === undefined || organizationIds.includes(device.organizationId ?? ''))
  );
}

/** Every series of a device. */
export function* allSeries(device: WatchedDevice): Generator<LiveSeries> {
  for (const byName of device.series.values()) yield* byName.values();
}

export function addSeries(device: WatchedDevice, live: LiveSeries): void {
  const { ruleId } = live.rule.rule;
  const byName = device.series.get(ruleId);
  if (byName === undefined) device.series.set(ruleId, new Map([[live.owner.name, live]]));
  else byName.set(live.owner.name, live);
  device.seriesCount++;
}

export function removeSeries(device: WatchedDevice, live: LiveSeries): void {
  const { ruleId } = live.rule.rule;
  const byName = device.series.get(ruleId);
  if (byName?.delete(live.owner.name) !== true) return;
  device.seriesCount--;
  if (byName.size === 0) device.series.delete(ruleId);
}
