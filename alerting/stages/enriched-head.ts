import { lifeTypePrefix } from '../../contracts/device.ts';
import type { ByteRange } from '../../streams/record.ts';
import { TextCache } from '../../streams/text-cache.ts';

/** What is read in place of a value of `telemetry.enriched.v1`, whose members stand in a fixed order. */
export interface EnrichedHead {
  eventType: string;
  /** Its severity is below WARNING. */
  quiet: boolean;
  /** It comes from our agent on the device itself, and is not what the platform tells of the device's life. */
  alive: boolean;
  /** Empty where the event is of no device. */
  deviceId: string;
  /** Where the last of these texts ends; the members behind the device follow. */
  restStart: number;
}

/** As the JSON has them: within a text the quotes would be escaped. */
const eventIdMember = Buffer.from('{"eventId":"');
const tenantMember = Buffer.from('","tenantId":"');
const sourceMember = Buffer.from('","source":"');
const sourceIdMember = Buffer.from('","sourceId":"');
const toolTypeMember = Buffer.from('","toolType":"');
const ownTool = Buffer.from('OPENFRAME"');
const lifeType = Buffer.from(lifeTypePrefix);
const sourceTypeMember = Buffer.from('","sourceType":"');
const eventTypeMember = Buffer.from('","eventType":"');
const severityMember = Buffer.from('","severity":"');
const deviceMember = Buffer.from('","deviceId":"');
const anyMember = Buffer.from(',"');
const dataMember = Buffer.from(',"data":');
const [quote, backslash, comma, closeBrace, letterD, letterI] = [0x22, 0x5c, 0x2c, 0x7d, 0x44, 0x49];

/** Reads the heads of enriched events without parsing them. One object, overwritten by each call. */
export class HeadReader {
  readonly #texts = new TextCache();
  readonly #head: EnrichedHead = { eventType: '', quiet: false, alive: false, deviceId: '', restStart: 0 };

  /** Null where the members do not stand as they should: the event must be parsed then. */
  read(range: ByteRange): EnrichedHead | null {
    const { bytes, start, end } = range;
    // To walk over short texts takes less than one call of a native search.
    const idStart = afterMember(bytes, start, eventIdMember);
    const tenantStart = afterMember(bytes, textEnd(bytes, idStart, end), tenantMember);
    const sourceStart = afterMember(bytes, textEnd(bytes, tenantStart, end), sourceMember);
    const sourceIdStart = afterMember(bytes, textEnd(bytes, sourceStart, end), sourceIdMember);
    const toolStart = afterMember(bytes, textEnd(bytes, sourceIdStart, end), toolTypeMember);
    const sourceTypeStart = afterMember(bytes, textEnd(bytes, toolStart, end), sourceTypeMember);
    const typeStart = afterMember(bytes, textEnd(bytes, sourceTypeStart, end), eventTypeMember);
    const typeEnd = textEnd(bytes, typeStart, end);
    const severityStart = afterMember(bytes, typeEnd, severityMember);
    const severityEnd = textEnd(bytes, severityStart, end);
    if (severityEnd < 0) return null;
    const head = this.#head;
    const letter = bytes[severityStart];
    head.eventType = this.#texts.text(range, typeStart, typeEnd);
    head.quiet = letter === letterD || letter === letterI;
    head.alive = stands(bytes, toolStart, ownTool) && !stands(bytes, sourceTypeStart, lifeType);
    head.deviceId = '';
    head.restStart = severityEnd;
    if (!stands(bytes, severityEnd, deviceMember)) return head;
    const deviceStart = severityEnd + deviceMember.length;
    const deviceEnd = textEnd(bytes, deviceStart, end);
    if (deviceEnd < 0) return null;
    head.deviceId = this.#texts.text(range, deviceStart, deviceEnd);
    head.restStart = deviceEnd;
    return head;
  }
}

/**
 * Where the event's data begins; −1 where it has none, or where a text before it has an escape. `restStart` is that of
 * the event's head.
 */
export function dataStartOf({ bytes, end }: ByteRange, restStart: number): number {
  let at = restStart + 1;
  while (stands(bytes, at, anyMember)) {
    if (stands(bytes, at, dataMember)) return at + dataMember.length;
    const nameEnd = textEnd(bytes, at + anyMember.length, end);
    if (nameEnd < 0) return -1;
    at = nameEnd + 2;
    if (bytes[at] === quote) {
      const valueEnd = textEnd(bytes, at + 1, end);
      if (valueEnd < 0) return -1;
      at = valueEnd + 1;
    } else while (at < end && bytes[at] !== comma && bytes[at] !== closeBrace) at++;
  }
  return -1;
}

/** Where the text ends; −1 where it does not, or has an escape in it, or began nowhere. */
function textEnd(bytes: Buffer, start: number, end: number): number {
  if (start < 0) return -1;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === quote) return at;
    if (byte === backslash) return -1;
  }
  return -1;
}

/** Where the member's text begins; −1 where another stands there. */
function afterMember(bytes: Buffer, at: number, member: Buffer): number {
  return at >= 0 && stands(bytes, at, member) ? at + member.length : -1;
}

/** Whether the member stands there. */
export function stands(bytes: Buffer, at: number, member: Buffer): boolean {
  for (let i = 0; i < member.length; i++) if (bytes[at + i] !== member[i]) return false;
  return true;
}
