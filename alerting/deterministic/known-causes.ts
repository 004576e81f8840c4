import type { Claim, Hypothesis } from '../../contracts/triage.ts';
import type {
  AlertRow,
  DeviceRow,
  EdgeRow,
  EventRow,
  EvidenceFacts,
  IncidentEvidence,
  ReceiptRow,
} from '../triage.ts';

/** The rows of an incident by kind. */
export interface SortedRows {
  readonly alerts: readonly AlertRow[];
  readonly edges: readonly EdgeRow[];
  readonly receipts: readonly ReceiptRow[];
  readonly devices: readonly DeviceRow[];
  readonly events: readonly EventRow[];
}

export function sortRows({ rows }: IncidentEvidence): SortedRows {
  const of = <Kind extends EvidenceFacts['kind']>(kind: Kind) =>
    rows.filter((row): row is Extract<EvidenceFacts, { kind: Kind }> => row.kind === kind);
  return {
    alerts: of('alert'),
    edges: of('edge'),
    receipts: of('receipt'),
    devices: of('device'),
    events: of('event'),
  };
}

/** What a known cause looks like in the evidence, and what somebody would look at then. */
export interface KnownCause {
  readonly cause: string;
  readonly likelihood: Hypothesis['likelihood'];
  readonly because: readonly Claim[];
  readonly nextCheck: Claim;
}

/** So many devices that fall silent together have something in common. */
const fewDevices = 2;
const togetherMs = 10 * 60_000;
const manyHosts = 3;

/** A statement that rests on these rows. */
export function claim(text: string, rows: readonly { readonly id: string }[]): Claim {
  return { text, evidence: rows.map(({ id }) => id) };
}

/**
 * The causes that the evidence looks like, the most telling first: what devices have in common before what one of them
 * has, what changed before what is seen. By rules, states, edges and times alone: no text from a device is read.
 */
export function knownCauses(rows: SortedRows): readonly KnownCause[] {
  return [
    silentTogether(rows),
    notBackFromWindow(rows),
    changedBefore(rows),
    ...ruleCauses.map(({ ruleIds, ...known }) => byRule(rows, ruleIds, known)),
    silentAlone(rows),
    sameOnMany(rows),
    flapping(rows),
    severalOnOne(rows),
  ].filter((cause) => cause !== null);
}

function silentAlerts({ alerts }: SortedRows): readonly AlertRow[] {
  return alerts.filter(
    ({ ruleId, state }) => ruleId === 'device-silent' || state === 'LATE' || state === 'NO_DATA',
  );
}

/** It tells of a whole site, and is no device's. */
function isOfSite({ deviceId, ruleId }: AlertRow): boolean {
  return deviceId === null && ruleId === 'site-silent';
}

/** So many devices at least: one alert may be of several, and two of the same. */
function countDevices(alerts: readonly AlertRow[]): number {
  return Math.max(new Set(alerts.map(({ deviceId }) => deviceId)).size, ...alerts.map(({ hosts }) => hosts));
}

function silentTogether(rows: SortedRows): KnownCause | null {
  const silent = silentAlerts(rows);
  const first = silent[0]?.openedMs ?? 0;
  const together = silent.filter(({ openedMs }) => openedMs - first <= togetherMs);
  const sites = together.filter(isOfSite);
  const ofDevices = together.filter((alert) => !isOfSite(alert));
  const devices = countDevices(ofDevices);
  if (devices < fewDevices && sites.length === 0) return null;
  const offline = rows.devices.filter(({ online }) => !online);
  return {
    cause: 'What these devices share is gone: the uplink, the power or a switch of their site.',
    likelihood: 'likely',
    because: [
      ...(sites.length > 0 ? [claim('The devices of a site fell silent within seconds.', sites)] : []),
      ...(devices >= fewDevices
        ? [claim(`${devices} devices fell silent within ${togetherMs / 60_000} minutes.`, ofDevices)]
        : []),
      ...(offline.length > 1 ? [claim(`${offline.length} of them are offline now.`, offline)] : []),
    ],
    nextCheck: claim(
      'See whether the site’s router answers, and ask somebody there whether the power is on.',
      together,
    ),
  };
}

function silentAlone(rows: SortedRows): KnownCause | null {
  const silent = silentAlerts(rows);
  if (silent.length === 0 || silent.some(isOfSite) || countDevices(silent) >= fewDevices) return null;
  const offline = rows.devices.filter(({ online, deviceId }) => !online && silent[0]?.deviceId === deviceId);
  return {
    cause: 'The device is off, hangs, or lost its network; or its agent stopped.',
    likelihood: 'possible',
    because: [
      claim('It gives no sign of life, and no other device of the incident fell silent.', [
        ...silent,
        ...offline,
      ]),
    ],
    nextCheck: claim('See whether the device answers on its network, and whether it runs.', silent),
  };
}

function notBackFromWindow(rows: SortedRows): KnownCause | null {
  const lasting = rows.receipts.filter(({ by, ended }) => by === 'window' && ended === 'goes-on');
  if (lasting.length === 0) return null;
  return {
    cause: 'What was done in the maintenance window left it in trouble.',
    likelihood: 'likely',
    because: [claim('It began within a maintenance window and went on after its end.', lasting)],
    nextCheck: claim(
      'Ask who worked in the window what was done, and whether the restart came to its end.',
      lasting,
    ),
  };
}

function changedBefore({ events, alerts }: SortedRows): KnownCause | null {
  const changes = events.filter(({ change }) => change);
  const [first] = alerts;
  if (changes.length === 0 || first === undefined) return null;
  return {
    cause: 'A change that was made shortly before broke it.',
    likelihood: 'possible',
    because: [
      claim(
        `${changes.length === 1 ? 'A change was' : `${changes.length} changes were`} made in the hour before.`,
        changes,
      ),
      claim('The incident began after that.', [first]),
    ],
    nextCheck: claim(
      'Look at what the last change did; take it back on one device and see whether it clears.',
      changes.slice(-1),
    ),
  };
}

interface RuleCause extends Omit<KnownCause, 'because' | 'nextCheck'> {
  readonly ruleIds: readonly string[];
  readonly says: string;
  readonly check: string;
}

const ruleCauses: readonly RuleCause[] = [
  {
    ruleIds: ['disk-nearly-full'],
    cause: 'A file system fills up.',
    likelihood: 'likely',
    says: 'The rule for nearly full file systems holds.',
    check: 'See what grows on that file system: logs, backups, a database, old updates.',
  },
  {
    ruleIds: ['failed-logins'],
    cause: 'Somebody tries passwords, or a program signs in with an old one.',
    likelihood: 'likely',
    says: 'Many logins failed within minutes.',
    check: 'See from where and for which accounts the logins fail; lock what is not yours.',
  },
  {
    ruleIds: ['identity-cloned'],
    cause: 'A machine was copied with its agent, so two report as one.',
    likelihood: 'likely',
    says: 'Reports of one device contradict each other.',
    check: 'Find the machine that was made from an image, and register its agent anew.',
  },
  {
    ruleIds: ['memory-exhausted', 'memory-unusual'],
    cause: 'A program takes more and more memory, or more of it runs than the machine holds.',
    likelihood: 'possible',
    says: 'The use of memory is at its limit or unlike before.',
    check: 'See which program takes the memory, and since when.',
  },
  {
    ruleIds: ['cpu-unusual'],
    cause: 'A program runs away, or a job runs at an unusual time.',
    likelihood: 'possible',
    says: 'The load of the processor is unlike before.',
    check: 'See which program takes the processor, and what began then.',
  },
];

function byRule(
  { alerts }: SortedRows,
  ruleIds: readonly string[],
  { cause, likelihood, says, check }: Omit<RuleCause, 'ruleIds'>,
): KnownCause | null {
  const found = alerts.filter(({ ruleId }) => ruleId !== null && ruleIds.includes(ruleId));
  if (found.length === 0) return null;
  return { cause, likelihood, because: [claim(says, found)], nextCheck: claim(check, found) };
}

function sameOnMany({ alerts, edges }: SortedRows): KnownCause | null {
  const same = edges.filter(({ relation }) => relation === 'same-trouble-in-organization');
  const wide = alerts.filter(({ hosts }) => hosts >= manyHosts);
  if (same.length + 1 < manyHosts && wide.length === 0) return null;
  const rows = [...wide, ...same];
  return {
    cause: 'One cause that the devices share: an update, a policy or a service that all of them use.',
    likelihood: 'possible',
    because: [claim('The same trouble opened on several devices of the organization.', rows)],
    nextCheck: claim(
      'See what these devices got last that the others did not, and which service they share.',
      rows,
    ),
  };
}

function flapping({ alerts }: SortedRows): KnownCause | null {
  const unsteady = alerts.filter(({ flaps }) => flaps > 0);
  if (unsteady.length === 0) return null;
  return {
    cause:
      'Something comes and goes: a service that is restarted again and again, a loose link, a value at its limit.',
    likelihood: 'possible',
    because: [claim('It was over and back several times within half an hour.', unsteady)],
    nextCheck: claim('See what restarts it, and what it says before it ends.', unsteady),
  };
}

function severalOnOne({ alerts, edges }: SortedRows): KnownCause | null {
  const here = edges.filter(({ relation }) => relation === 'same-device');
  const [first] = alerts;
  if (here.length === 0 || first === undefined) return null;
  return {
    cause: 'One fault of the device shows in several places; what came first is nearest to it.',
    likelihood: 'possible',
    because: [
      claim('This alert opened first.', [first]),
      claim('The others opened on the same device within minutes.', here),
    ],
    nextCheck: claim('Begin with the alert that opened first, and see whether the others follow from it.', [
      first,
    ]),
  };
}
