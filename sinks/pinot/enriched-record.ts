import { isUtf8 } from 'node:buffer';

import { type EnrichedEvent, enrichedMembers } from '../../contracts/enriched.ts';

/** The largest record that is stored: an event of the largest size with room for what enriching adds. */
const maxRecordBytes = 4 * 1024 * 1024;

/** The moments that can be answered: the years 1 to 9999, as RFC 3339 can write them. */
export const earliestMs = -62_135_596_800_000;
export const latestMs = 253_402_300_799_999;

/** Members that an event may lack. */
export const optionalMembers: ReadonlySet<string> = new Set<keyof EnrichedEvent>([
  'deviceId',
  'hostname',
  'organizationId',
  'organizationName',
  'userId',
  'data',
]);
export const timeMembers = enrichedMembers.filter((m) => m.kind === 'number').map((m) => m.name);
const textMembers = enrichedMembers.filter((m) => m.kind === 'text').map((m) => m.name);

/** For Java and JavaScript. */
export const uuidPattern = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
const uuid = new RegExp(uuidPattern);

export function isEventId(text: string): boolean {
  return uuid.test(text);
}

/** Deeper ones Pinot's JSON reader leaves out without a word. */
const maxDepth = 1_000;

function isTooDeep(value: Buffer): boolean {
  if (value.length < 2 * maxDepth) return false;
  let depth = 0;
  for (let at = 0; at < value.length; at++) {
    const byte = value[at];
    if (byte === quote) at = stringEnd(value, at);
    else if (byte === openBrace || byte === openBracket) {
      if (++depth > maxDepth) return true;
    } else if (byte === closeBrace || byte === closeBracket) depth--;
  }
  return false;
}

const [quote, backslash] = [0x22, 0x5c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Where the string that begins at `at` has its closing quote. */
function stringEnd(value: Buffer, at: number): number {
  for (let end = at + 1; end < value.length; end++) {
    if (value[end] === backslash) end++;
    else if (value[end] === quote) return end;
  }
  return value.length;
}

export type EnrichedMembers = Readonly<Partial<Record<keyof EnrichedEvent, unknown>>>;
export type ReadRecord =
  { readonly event: EnrichedMembers } | { readonly reason: string; readonly cause?: unknown };

/** Reads a record as Pinot's table of events does: what it does not take, with the reason. */
export function readEnriched(value: Buffer): ReadRecord {
  if (value.length > maxRecordBytes) return { reason: `larger than ${maxRecordBytes} bytes` };
  if (!isUtf8(value)) return { reason: 'the event is not UTF-8' };
  if (isTooDeep(value)) return { reason: `nested deeper than ${maxDepth} levels` };
  let event: unknown;
  try {
    event = JSON.parse(value.toString('utf8'));
  } catch (cause) {
    return { reason: 'the event is not JSON, or nested too deep to read', cause };
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    return { reason: 'the event is not a JSON object' };
  }
  const members: EnrichedMembers = event;
  const wrong = wrongMember(members);
  return wrong === null ? { event: members } : { reason: wrong };
}

function wrongMember(members: EnrichedMembers): string | null {
  for (const name of textMembers) {
    const value = members[name] ?? null;
    if (value === null && !optionalMembers.has(name)) return `the member ${name} is missing`;
    if (typeof value === 'object' && value !== null) return `the member ${name} is not text`;
  }
  for (const name of timeMembers) {
    const value = members[name];
    if (typeof value !== 'number' || !(value >= earliestMs && value <= latestMs)) {
      return `the member ${name} is not a time of the years 1 to 9999 in milliseconds`;
    }
  }
  return isEventId(String(members.eventId)) ? null : 'the member eventId is not a UUID';
}
