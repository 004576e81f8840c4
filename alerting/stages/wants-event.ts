import { hashOf } from '../../streams/byte-block.ts';
import type { ByteRange } from '../../streams/record.ts';
import type { RuleWatch } from '../rules/rule-watch.ts';
import type { WatchedTenant } from '../rules/watched-device.ts';
import { dataStartOf, type EnrichedHead, stands } from './enriched-head.ts';

/** An agent's inventory, its measurements, and its log lines by what they say. */
const inventories = 'DEVICE_UPDATED';
const measuring = 'SYSTEM_MONITORING';
const logTypes: ReadonlySet<string> = new Set(['SYSTEM_STATUS', 'SYSTEM_ERROR']);
const samplesMember = Buffer.from('"samples":[{"name":"');
const samplesFirst = Buffer.from('{"samples":[{"name":"');
/** So much of the first sample's name tells one kind of measuring event from another. */
const toldApartBy = 64;
const messageMember = Buffer.from('"message":"');
const messageFirst = Buffer.from('{"message":"');
/** So much of a line tells its form. */
const formBytes = 120;
const [quote, zero, nine] = [0x22, 0x30, 0x39];

export interface WantedEvent {
  readonly head: EnrichedHead;
  readonly range: ByteRange;
  readonly alive: boolean;
  readonly timeMs: number;
}

/** Whether a rule of the tenant looks at this event, so that it has to be parsed. Counts it as a sign of life. */
export function wantsEvent(watch: RuleWatch, tenant: WatchedTenant, event: WantedEvent): boolean {
  const { eventType, deviceId } = event.head;
  const unknown = event.alive && watch.meet(tenant, deviceId);
  if (unknown || tenant.rules.byType.has(eventType)) return true;
  if (eventType === inventories && event.alive && tenant.rules.onSilence.length > 0) return true;
  if (eventType === measuring) return watch.measures(tenant, deviceId, kindOf(event), event.timeMs);
  return logTypes.has(eventType) && tenant.rules.onLogs.length > 0 && watch.reads(tenant, formOf(event));
}

/** An agent may report processors and disks in events of their own: each is looked at by itself. */
function kindOf({ head, range }: WantedEvent): number {
  const start = behind(range, head.restStart, samplesFirst, samplesMember);
  if (start < 0) return 0;
  const most = Math.min(start + toldApartBy, range.end);
  let end = start;
  while (end < most && range.bytes[end] !== quote) end++;
  return hashOf(range, start, end, 0);
}

/** A hash of a log line without its digits: lines that differ in numbers alone are of one form. */
function formOf({ head, range }: WantedEvent): number {
  const { bytes, end } = range;
  const start = behind(range, head.restStart, messageFirst, messageMember);
  if (start < 0) return 0;
  const most = Math.min(start + formBytes, end);
  let hash = 0x811c9dc5;
  for (let i = start; i < most; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === quote) break;
    if (byte < zero || byte > nine) hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash;
}

/** Behind the member, with which the data mostly begins; −1 where it is nowhere behind the head. */
function behind(range: ByteRange, restStart: number, first: Buffer, member: Buffer): number {
  const data = dataStartOf(range, restStart);
  if (data >= 0 && stands(range.bytes, data, first)) return data + first.length;
  const at = range.bytes.indexOf(member, restStart);
  return at < 0 || at >= range.end ? -1 : at + member.length;
}
