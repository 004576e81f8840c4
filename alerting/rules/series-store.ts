import { hash } from 'node:crypto';

import type { KeptRule } from '../../contracts/alert-rule.ts';
import type { KeyedState } from '../../streams/keyed-state.ts';
import type { CompiledRule } from './compiled-rules.ts';
import type { DetectionCell, KeptSeries, SeriesOwner } from './kept-series.ts';
import type { Detection } from '../detector.ts';
import type { Sighting } from '../sighting.ts';
import { isSilence, overOf, sightingOf } from './rule-finding.ts';
import type { Observation, Phase } from './series.ts';
import {
  addSeries,
  allSeries,
  createDevice,
  type LiveSeries,
  removeSeries,
  type WatchedDevice,
  type WatchedTenant,
} from './watched-device.ts';
import type { WatchLimits } from './watch-limits.ts';

/** How old what is kept of a series may be: what is learned is large and changes with every observation. */
const saveEveryMs: Readonly<Record<string, number>> = {
  absence: 15_000,
  'log-templates': 60_000,
  'metric-anomaly': 3_600_000,
};
const longestName = 120;
/** The score from which on a detection is one, of every detector. */
const ownThreshold = 0.5;

/** Opens, runs and keeps the series of one partition, and tells what they find. */
export class SeriesStore {
  readonly #cells: KeyedState<DetectionCell>;
  readonly #limits: WatchLimits;
  readonly #found: (tenantId: string, sighting: Sighting) => void;
  readonly #wallMs: () => number;
  #anomalySeries = 0;

  /** `wallMs`: when what is missing, or ends with its rule, is found. */
  constructor(
    cells: KeyedState<DetectionCell>,
    limits: WatchLimits,
    found: (tenantId: string, sighting: Sighting) => void,
    wallMs: () => number,
  ) {
    this.#cells = cells;
    this.#limits = limits;
    this.#found = found;
    this.#wallMs = wallMs;
  }

  /** The series of a rule; null where there are as many as may be. Templates are a tenant's, not a device's. */
  open(tenant: WatchedTenant, device: WatchedDevice, rule: CompiledRule, name: string): LiveSeries | null {
    const { ruleId, version, detect } = rule.rule;
    const shared = detect.kind === 'log-templates';
    const of = shared ? sharedDevice(tenant) : device;
    const short = name.slice(0, longestName);
    const known = of.series.get(ruleId)?.get(short);
    if (known !== undefined) {
      const toldMore = known.owner.workstation !== workstationOf(device, rule.rule);
      // Whose line it was is whose finding it is; what a device is may be known later than that it is there.
      if (shared || toldMore) known.owner = ownerOf(tenant, device, rule, short);
      if (toldMore) known.savedAtMs = Number.NEGATIVE_INFINITY;
      return known;
    }
    if (of.seriesCount >= (shared ? this.#limits.loggers : this.#limits.seriesPerDevice)) return null;
    if (detect.kind === 'metric-anomaly' && this.#anomalySeries >= this.#limits.anomalySeries) return null;
    if (detect.kind === 'metric-anomaly') this.#anomalySeries++;
    const live: LiveSeries = {
      key: keyOf([tenant.tenantId, ruleId, String(version), of.deviceId, short]),
      owner: ownerOf(tenant, device, rule, short),
      rule,
      series: rule.open(),
      savedAtMs: Number.NEGATIVE_INFINITY,
    };
    addSeries(of, live);
    return live;
  }

  give(live: LiveSeries, observation: Observation): void {
    const { phase, blank } = live.series;
    const detection = live.series.observe(observation);
    this.#tell(live, phase, observation.timeMs, detection);
    this.#keep(live, { blank, told: detection !== null || live.series.phase !== phase }, observation.timeMs);
  }

  check(live: LiveSeries, nowMs: number): void {
    const { phase, blank } = live.series;
    const detection = live.series.check(nowMs);
    if (detection === null) return;
    this.#tell(live, phase, nowMs, detection);
    this.#keep(live, { blank, told: true }, nowMs);
  }

  /** Takes up a series that was read back; one of a rule that is gone is ended. */
  takeUp(tenant: WatchedTenant, key: string, { owner, series }: KeptSeries, nowMs: number): void {
    if (!('bytes' in series)) return;
    const rule = tenant.rules.all.get(owner.ruleId);
    if (rule === undefined || rule.rule.version !== owner.version) {
      this.#over(owner, series.phase, this.#wallMs());
      this.#cells.delete(key);
      return;
    }
    const shared = rule.rule.detect.kind === 'log-templates';
    const device = shared ? sharedDevice(tenant) : deviceOf(tenant, owner, nowMs);
    if (rule.rule.detect.kind === 'metric-anomaly') this.#anomalySeries++;
    const opened = rule.open(series.bytes);
    addSeries(device, { key, owner, rule, series: opened, savedAtMs: Number.NEGATIVE_INFINITY });
  }

  /** Ends the series of rules that are no longer in force in the version that they were opened for. */
  retire(tenant: WatchedTenant): void {
    for (const device of tenant.devices.values()) {
      for (const live of [...allSeries(device)]) {
        const { ruleId, version } = live.rule.rule;
        if (tenant.rules.all.get(ruleId)?.rule.version !== version) this.#end(device, live);
      }
    }
  }

  forget(tenant: WatchedTenant, device: WatchedDevice): void {
    if (device.deviceId === sharedDeviceId) return;
    for (const live of [...allSeries(device)]) this.#end(device, live);
    tenant.devices.delete(device.deviceId);
    device.site?.devices.delete(device);
  }

  #end(device: WatchedDevice, live: LiveSeries): void {
    this.#over(live.owner, live.series.phase, this.#wallMs());
    if (live.rule.rule.detect.kind === 'metric-anomaly') this.#anomalySeries--;
    removeSeries(device, live);
    this.#cells.delete(live.key);
  }

  #over(owner: SeriesOwner, was: Phase, timeMs: number): void {
    if (was !== null) this.#found(owner.tenantId, overOf(owner, was, timeMs));
  }

  /** What lasts is told when it begins, changes and ends; what is of a moment where it is over the detector's threshold. */
  #tell(
    { owner, series, rule: { rule } }: LiveSeries,
    was: Phase,
    observedMs: number,
    detection: Detection | null,
  ): void {
    const { phase } = series;
    // What is missing is found when it is missed, by the clock: its time is how long somebody watched.
    const timeMs = rule.detect.kind === 'absence' ? this.#wallMs() : observedMs;
    if (rule.detect.kind === 'threshold' || rule.detect.kind === 'absence') {
      if (phase === was) return;
      if (phase === null) this.#over(owner, was, timeMs);
    } else if (detection !== null && detection.score < ownThreshold) return;
    if (detection === null) return;
    this.#found(owner.tenantId, sightingOf({ rule, owner, timeMs, detection, phase }));
  }

  #keep(
    live: LiveSeries,
    { blank, told }: { readonly blank: boolean; readonly told: boolean },
    timeMs: number,
  ): void {
    const { series, key, rule, owner } = live;
    if (series.blank) {
      if (!blank) this.#cells.delete(key);
      return;
    }
    const every = saveEveryMs[rule.rule.detect.kind] ?? 0;
    if (!told && Math.abs(timeMs - live.savedAtMs) < every) return;
    live.savedAtMs = timeMs;
    this.#cells.put(key, { owner, series });
  }
}

/** Where series that are no device's are kept: no device can have this id, which is not printable. */
const sharedDeviceId = '\u0000tenant';

function sharedDevice(tenant: WatchedTenant): WatchedDevice {
  let device = tenant.devices.get(sharedDeviceId);
  if (device === undefined) tenant.devices.set(sharedDeviceId, (device = createDevice(sharedDeviceId)));
  return device;
}

function deviceOf(
  tenant: WatchedTenant,
  { deviceId, hostname, organizationId, workstation }: SeriesOwner,
  nowMs: number,
): WatchedDevice {
  let device = tenant.devices.get(deviceId);
  if (device === undefined) tenant.devices.set(deviceId, (device = createDevice(deviceId)));
  device.seenMs = nowMs;
  device.hostname = hostname;
  device.organizationId = organizationId;
  device.workstation = workstation ?? device.workstation;
  return device;
}

function ownerOf(
  { tenantId }: WatchedTenant,
  device: WatchedDevice,
  { rule }: CompiledRule,
  name: string,
): SeriesOwner {
  const { ruleId, version } = rule;
  const { deviceId, hostname, organizationId } = device;
  const of = { tenantId, ruleId, version, deviceId, hostname, organizationId };
  const workstation = workstationOf(device, rule);
  return { ...of, name, silence: isSilence(rule), ...(workstation === undefined ? {} : { workstation }) };
}

function workstationOf({ workstation }: WatchedDevice, rule: KeptRule): boolean | undefined {
  return isSilence(rule) && workstation !== null ? workstation : undefined;
}

/** Parts that a device names may be long, and hold the separator: the key has their hash. */
function keyOf([tenantId = '', ruleId = '', ...rest]: readonly string[]): string {
  return `${tenantId}/${ruleId}/${hash('sha256', JSON.stringify(rest), 'base64url')}`;
}
