import type { SiteCell, Under } from '../grouping/cells.ts';
import type { TenantCells } from '../grouping/tenant-cells.ts';
import type { Sighting } from '../sighting.ts';
import { withSilence } from '../suppression/usual-silence.ts';
import type { Pulse, SitePulse } from './pulse.ts';
import { lnChoices } from './silence-odds.ts';

/**
 * So unlikely must a silence be, in nats: one in a billion and a half. A thousand sites that are looked at anew every
 * half minute are then wrong once in a year and a half, if their devices fall silent independently.
 */
const cutNats = 21;
/** A device belongs to the cut that was heard last so long before it, or so long after it. */
const beforeMs = 150_000;
const afterMs = 5_000;
/** It is back when no more than this share of those that went are away. */
const backShare = 0.5;
const minuteMs = 60_000;

/** A site's silence, and that of its devices as its children. */
const rulePrefix = 'rule ';

/** Whose silence and which: as a host no agent's device, since their reports come with names of their own. */
function siteUnder(organizationId: string, { ruleId }: NonNullable<Pulse['rule']>): Under {
  return { host: `site ${organizationId}`, name: `${rulePrefix}${ruleId}: ${organizationId}` };
}

/**
 * Pools what the partitions say of each site and decides: cut when the devices that are silent since the same moment are
 * enough, and by chance silent once in e^21 at most; over when half of them were heard again. Answers what is to be
 * reported: that the site is cut, then each of its silent devices as its child, and what is over. Each device's cell
 * says under what it is from then on.
 */
export function takePulse(cells: TenantCells, pulse: Pulse): readonly Sighting[] {
  return pulse.sites.flatMap((site) => {
    const cell = cells.site(site.organizationId);
    const reports = [...pool(cells, cell, pulse, site)];
    const left = Object.values(cell.parts).some(({ present }) => present > 0);
    const key = cells.keys.site(site.organizationId);
    if (left || cell.cut !== undefined || Object.keys(cell.away).length > 0 || cell.silences.length > 0)
      cells.put(key, cell);
    else cells.delete(key);
    return reports;
  });
}

function* pool(cells: TenantCells, cell: SiteCell, pulse: Pulse, site: SitePulse): Generator<Sighting> {
  const { partition, rule, wallMs } = pulse;
  cell.lastMs = Math.max(cell.lastMs, wallMs);
  cell.parts[partition] = { present: site.present, silent: site.silent };
  yield* takeBack(cells, cell, pulse, site);
  if (rule !== null && cell.cut === undefined) {
    const found = judge(cell, rule);
    if (found !== null) {
      cell.cut = { sinceMs: wallMs - found.windowMs, rule, most: found.devices };
      yield cutOf(site, pulse, rule, found);
    }
  }
  if (cell.cut === undefined) return;
  yield* takeAway(cells, cell, pulse, site);
  const away = Object.keys(cell.away).length;
  cell.cut.most = Math.max(cell.cut.most, away);
  if (rule === null || away <= cell.cut.most * backShare) yield* endCut(cells, cell, pulse, site);
}

interface Found {
  readonly windowMs: number;
  readonly devices: number;
  readonly present: number;
  readonly nats: number;
}

function judge({ parts }: SiteCell, { least, share }: NonNullable<Pulse['rule']>): Found | null {
  const all = Object.values(parts);
  const present = all.reduce((sum, part) => sum + part.present, 0);
  const sums = new Map<number, { devices: number; nats: number }>();
  for (const [windowMs, devices, nats] of all.flatMap(({ silent }) => silent)) {
    const sum = sums.get(windowMs) ?? { devices: 0, nats: 0 };
    sums.set(windowMs, { devices: sum.devices + devices, nats: sum.nats + nats });
  }
  let best: Found | null = null;
  for (const [windowMs, { devices, nats: all_ }] of sums) {
    const nats = all_ - lnChoices(present, devices);
    const enough = devices >= least && devices >= share * present && nats >= cutNats;
    if (enough && nats > (best?.nats ?? 0)) best = { windowMs, devices, present, nats };
  }
  return best;
}

function cutOf(
  { organizationId, name }: SitePulse,
  { wallMs }: Pulse,
  rule: NonNullable<Pulse['rule']>,
  { windowMs, devices, present, nats }: Found,
): Sighting {
  const seconds = Math.round(windowMs / 1000);
  const chance = Math.floor(nats / Math.LN10);
  const summary = `${devices} of ${present} devices silent since ${seconds} s, by chance once in 10^${chance}`;
  const { ruleId, version, severity, title } = rule;
  return {
    ...siteUnder(organizationId, rule),
    timeMs: wallMs,
    detail: {
      severity,
      title: `${name ?? organizationId}: ${title}: ${summary}`,
      deviceId: null,
      organizationId,
    },
    rule: { ruleId, version, kind: 'joint-silence', score: 1 - 2 ** (-nats / cutNats), summary },
    phase: 'no-data',
  };
}

/** Devices that fell silent with the site: each is missed at once, under it. */
function* takeAway(
  cells: TenantCells,
  cell: SiteCell,
  { partition, wallMs }: Pulse,
  { organizationId, name, away }: SitePulse,
): Generator<Sighting> {
  if (cell.cut === undefined) return;
  const { sinceMs, rule } = cell.cut;
  for (const [deviceId, heardMs] of away) {
    if (cell.away[deviceId] !== undefined || heardMs < sinceMs - beforeMs || heardMs > sinceMs + afterMs)
      continue;
    cell.away[deviceId] = partition;
    setUnder(cells, deviceId, siteUnder(organizationId, rule));
    const summary = 'silent together with its site';
    const title = `${name ?? organizationId}: devices silent with the site`;
    yield {
      name: childrenOf(organizationId, rule),
      host: deviceId,
      timeMs: wallMs,
      detail: { severity: 'WARNING', title, deviceId, organizationId },
      rule: { ruleId: rule.ruleId, version: rule.version, kind: 'joint-silence', score: 0.5, summary },
      phase: 'no-data',
      presence: 'no-data',
    };
  }
}

/** Devices of this partition that were heard again, in a cut that goes on or in one before. */
function* takeBack(
  cells: TenantCells,
  cell: SiteCell,
  { partition, wallMs }: Pulse,
  { organizationId, away }: SitePulse,
): Generator<Sighting> {
  const still = new Set(away.map(([deviceId]) => deviceId));
  for (const [deviceId, of] of Object.entries(cell.away)) {
    if (of !== partition || still.has(deviceId)) continue;
    delete cell.away[deviceId];
    setUnder(cells, deviceId, null);
    const name = cell.cut === undefined ? '' : childrenOf(organizationId, cell.cut.rule);
    yield { name, host: deviceId, timeMs: wallMs, phase: 'clear', presence: 'ok' };
  }
}

/** The site is back: who is still away is so by itself. */
function* endCut(
  cells: TenantCells,
  cell: SiteCell,
  { wallMs }: Pulse,
  { organizationId }: SitePulse,
): Generator<Sighting> {
  if (cell.cut === undefined) return;
  const { sinceMs, rule } = cell.cut;
  for (const host of Object.keys(cell.away)) {
    setUnder(cells, host, null);
    yield { name: childrenOf(organizationId, rule), host, timeMs: wallMs, phase: 'clear' };
  }
  yield { ...siteUnder(organizationId, rule), timeMs: wallMs, phase: 'clear' };
  if (wallMs - sinceMs >= minuteMs) cell.silences = withSilence(cell.silences, sinceMs, wallMs);
  delete cell.cut;
}

function childrenOf(organizationId: string, { ruleId }: NonNullable<Pulse['rule']>): string {
  return `${rulePrefix}${ruleId}, devices: ${organizationId}`;
}

function setUnder(cells: TenantCells, deviceId: string, under: Under | null): void {
  const key = cells.keys.host(deviceId);
  const host = cells.host(key);
  if (under === null) delete host.under;
  else host.under = under;
  cells.put(key, host);
}
