import type { KeyedState } from '../../streams/keyed-state.ts';
import type { CompiledRule } from '../rules/compiled-rules.ts';
import type { DetectionCell, KeptHabits, SiteCell } from '../rules/kept-series.ts';
import {
  appliesTo,
  createDevice,
  type WatchedDevice,
  type WatchedSite,
  type WatchedTenant,
} from '../rules/watched-device.ts';
import { mostAway, type Pulse, type SitePulse, silenceWindowsMs } from './pulse.ts';
import { type Heard, hearRest } from './rest-heard.ts';
import { countSign, createHabit, isPause } from './silence-odds.ts';
import {
  bestWindow,
  placeDevice,
  type SilenceSums,
  silentSince,
  sumSilence,
  thereForMs,
} from './watched-site.ts';

/** From so many nats on a partition tells of a silence: others may know more of the same site. */
const doubtNats = 1.5;
/** The rest of the partition is heard when so much of what should have been heard was, and that was this many. */
const heardShare = 0.7;
const leastExpected = 0.8;
const longestGraceMs = 60_000;
const saveHabitsEveryMs = 300_000;
const changeNats = 1;

type Cells = Pick<KeyedState<DetectionCell>, 'put' | 'delete'>;

/**
 * Watches how the devices of each organization on one partition fall silent, and tells it once a second where it
 * changed; who pools the partitions decides. Silence counts while the rest of the partition is heard alone, so what
 * stops the stream, a gateway that restarts or a stage before this one that hangs, is nobody's silence; what fell silent
 * in such a pause is given as long as the pause was, at most a minute, to come back. Costs O(1) a sign of life, and a
 * pass over the devices a second.
 */
export class SiteWatch {
  readonly #cells: Cells;
  /** Of the partition as a whole. */
  readonly #habit = createHabit();
  #heardMs = 0;
  #pausedUntilMs = 0;

  constructor(cells: Cells) {
    this.#cells = cells;
  }

  /** A device gave a sign of life, at the partition's time. */
  heard(device: WatchedDevice, nowMs: number): void {
    const quietMs = nowMs - this.#heardMs;
    if (this.#heardMs > 0 && isPause(this.#habit, quietMs))
      this.#pausedUntilMs = nowMs + Math.min(quietMs, longestGraceMs);
    this.#heardMs = nowMs;
    countSign(this.#habit, nowMs);
    countSign(device.habit, nowMs);
  }

  /** What changed since the last call. `nowMs`: the partition's time; `wallMs`: by acceptance. */
  judge(tenants: readonly WatchedTenant[], nowMs: number, wallMs: number): readonly SitesTold[] {
    let rest: Times['restOf'] | undefined;
    const times: Times = { nowMs, wallMs, restOf: (site) => (rest ??= hearRest(tenants, nowMs))(site) };
    return tenants.flatMap((tenant) => {
      const byRule = Map.groupBy(tenant.sites.values(), (site) => ruleOf(tenant, site));
      return [...byRule].flatMap(([rule, of]) => {
        const sites = of.flatMap((site) => this.#judgeSite(tenant, site, rule, times) ?? []);
        if (sites.length === 0) return [];
        return { tenantId: tenant.tenantId, pulse: { wallMs, rule: partsOf(rule), sites } };
      });
    });
  }

  /** What is to be told of the site; null where nothing changed. */
  #judgeSite(
    tenant: WatchedTenant,
    site: WatchedSite,
    rule: CompiledRule | null,
    { nowMs, wallMs, restOf }: Times,
  ): SitePulse | null {
    const back = [...site.away].filter(([id, sinceMs]) => {
      const device = tenant.devices.get(id);
      return rule === null || device?.site !== site || device.seenMs > sinceMs;
    });
    for (const [id] of back) site.away.delete(id);
    const devices = rule === null ? [] : [...site.devices].filter((device) => appliesTo(rule, device));
    const sums = sumSilence(devices, nowMs);
    const best = bestWindow(sums);
    const silent = best.nats < doubtNats ? [] : this.#silentOf(sums, restOf(site), nowMs);
    const gone = silent.length === 0 ? [] : silentSince(devices, nowMs, silenceWindowsMs[best.at] ?? 0);
    const lost = gone.filter(({ deviceId }) => !site.away.has(deviceId)).slice(0, mostAway - site.away.size);
    for (const { deviceId, seenMs } of lost) site.away.set(deviceId, seenMs);
    const moved = back.length + lost.length > 0;
    if (moved || !(nowMs - site.savedAtMs < saveHabitsEveryMs)) this.#save(tenant, site, nowMs);
    if (!moved && sums.present === site.present && isLike(silent, site.silent)) {
      if (site.devices.size === 0 && site.away.size === 0) tenant.sites.delete(site.organizationId);
      return null;
    }
    site.present = sums.present;
    site.silent = silent;
    const { organizationId, name } = site;
    const away = [...site.away].map(([id, sinceMs]): [string, number] => [id, wallMs - (nowMs - sinceMs)]);
    return { organizationId, name, present: sums.present, silent, away };
  }

  /** The windows that say something, where the rest of the partition was heard in them and it did not pause. */
  #silentOf(sums: SilenceSums, rest: Heard, nowMs: number): SitePulse['silent'] {
    return silenceWindowsMs.flatMap((windowMs, i): SitePulse['silent'] => {
      const [devices = 0, nats = 0] = [sums.devices[i], sums.nats[i]];
      const [expected = 0, heard = 0] = [rest.expected[i], rest.heard[i]];
      const flows = expected >= leastExpected && heard >= heardShare * expected;
      if (devices === 0 || !flows || nowMs - windowMs < this.#pausedUntilMs) return [];
      return [[windowMs, devices, Math.round(nats * 100) / 100]];
    });
  }

  #save(tenant: WatchedTenant, site: WatchedSite, nowMs: number): void {
    const of = { tenantId: tenant.tenantId, organizationId: site.organizationId };
    const key = JSON.stringify([of.tenantId, of.organizationId]);
    if (site.away.size > 0) this.#cells.put(`$away/${key}`, { away: { ...of, devices: [...site.away] } });
    else this.#cells.delete(`$away/${key}`);
    if (nowMs - site.savedAtMs < saveHabitsEveryMs) return;
    site.savedAtMs = nowMs;
    // Who left by itself would count as heard at a restart, and fall silent together with all others that left.
    const devices = [...site.devices]
      .filter(({ deviceId, habit, seenMs }) => site.away.has(deviceId) || nowMs - seenMs <= thereForMs(habit))
      .map(({ deviceId, hostname, habit }): KeptHabits['devices'][number] => [
        deviceId,
        hostname,
        habit.gaps,
      ]);
    if (devices.length > 0)
      this.#cells.put(`$habits/${key}`, { habits: { ...of, name: site.name, devices } });
    else this.#cells.delete(`$habits/${key}`);
  }

  /** Takes up what was restored: who was away stays so until it is heard; those that were there count as heard just now. */
  takeUp(tenant: WatchedTenant, cell: SiteCell, nowMs: number): void {
    const kept = 'away' in cell ? cell.away : cell.habits;
    const known = (id: string): WatchedDevice => {
      let device = tenant.devices.get(id);
      if (device === undefined) tenant.devices.set(id, (device = createDevice(id)));
      if (device.seenMs === 0) device.seenMs = nowMs;
      device.organizationId ??= kept.organizationId;
      return device;
    };
    if ('habits' in cell) {
      for (const [id, hostname, gaps] of cell.habits.devices) {
        const device = known(id);
        device.hostname ??= hostname;
        device.habit.gaps = [...gaps];
        placeDevice(tenant, device, cell.habits.name);
      }
      return;
    }
    for (const [id, sinceMs] of cell.away.devices) {
      const device = known(id);
      device.seenMs = sinceMs;
      placeDevice(tenant, device)?.away.set(id, sinceMs);
    }
  }
}

export interface SitesTold {
  readonly tenantId: string;
  readonly pulse: Omit<Pulse, 'partition'>;
}

interface Times {
  readonly nowMs: number;
  readonly wallMs: number;
  readonly restOf: (site: WatchedSite) => Heard;
}

/** Of several the first counts. */
function ruleOf({ rules }: WatchedTenant, { organizationId }: WatchedSite): CompiledRule | null {
  const applies = ({ rule: { organizationIds } }: CompiledRule): boolean =>
    organizationIds === undefined || organizationIds.includes(organizationId);
  return rules.onSites.find(applies) ?? null;
}

function partsOf(rule: CompiledRule | null): Pulse['rule'] {
  if (rule === null || rule.rule.detect.kind !== 'joint-silence') return null;
  const { ruleId, version, title, severity, detect } = rule.rule;
  return { ruleId, version, title, severity, least: detect.least, share: detect.share };
}

/** What is told again has to say more: one that is silent more or less, or another nat. */
function isLike(a: SitePulse['silent'], b: SitePulse['silent']): boolean {
  return (
    a.length === b.length &&
    a.every(([windowMs, devices, nats], i) => {
      const other = b[i];
      return other?.[0] === windowMs && other[1] === devices && Math.abs(other[2] - nats) < changeNats;
    })
  );
}
