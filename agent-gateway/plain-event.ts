import { eventLimits } from '../contracts/event.ts';
import { type ByteBlock, constantBlock, isSame } from '../streams/byte-block.ts';
import { endOfPlainJson } from '../streams/plain-json.ts';
import { type CheckedEvent, isTimeTaken } from './cloud-event.ts';
import { parseRfc3339 } from './rfc3339.ts';

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const comma = 0x2c;
const colon = 0x3a;
const newline = 0x0a;
const none = -1;

const constant = (text: string): ByteBlock => constantBlock(Buffer.from(text, 'latin1'));
/** The members that a plain event may have, in the order of `Member`; all but the last two are needed. */
const memberNames = ['specversion', 'id', 'source', 'type', 'time', 'data', 'subject', 'datacontenttype'].map(
  constant,
);
const members = { specVersion: 0, id: 1, source: 2, type: 3, time: 4, data: 5, subject: 6, contentType: 7 };
const required = 0b11_1111;
const version = constant('1.0');
const jsonMediaType = constant('application/json');
const agentPath = constant('/agents/');
/** RFC 3986 section 2.3: 1 for each character that a URI has as it is. */
const unreserved = new Uint8Array(256);
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~'))
  unreserved[byte] = 1;

/** Where each member's value begins and ends in the body: of a text what is between its quotes. */
const starts = new Int32Array(memberNames.length);
const ends = new Int32Array(memberNames.length);

/** An event that passed the door's checks and still stands in its body: nothing of it is text until it is asked for. */
export class PlainEvent implements CheckedEvent {
  readonly body: ByteBlock;
  readonly timeMs: number;
  readonly deviceId: string;
  readonly agentId: string;
  readonly idStart = starts[members.id] ?? 0;
  readonly idEnd = ends[members.id] ?? 0;
  readonly sourceStart = starts[members.source] ?? 0;
  readonly sourceEnd = ends[members.source] ?? 0;
  readonly typeStart = starts[members.type] ?? 0;
  readonly typeEnd = ends[members.type] ?? 0;
  readonly timeStart = starts[members.time] ?? 0;
  readonly timeEnd = ends[members.time] ?? 0;
  readonly deviceStart: number;
  readonly deviceEnd: number;
  readonly dataStart = starts[members.data] ?? 0;
  readonly dataEnd = ends[members.data] ?? 0;

  /** Takes the places that `findMembers` found last. */
  constructor(body: ByteBlock, timeMs: number, deviceId: string, agentId: string) {
    this.body = body;
    this.timeMs = timeMs;
    this.deviceId = deviceId;
    this.agentId = agentId;
    const deviceMember = starts[members.subject] === none ? members.source : members.subject;
    this.deviceEnd = ends[deviceMember] ?? 0;
    this.deviceStart = this.deviceEnd - deviceId.length;
  }

  get id(): string {
    return this.body.bytes.toString('latin1', this.idStart, this.idEnd);
  }

  get source(): string {
    return this.body.bytes.toString('latin1', this.sourceStart, this.sourceEnd);
  }

  get type(): string {
    return this.body.bytes.toString('latin1', this.typeStart, this.typeEnd);
  }

  get time(): string {
    return this.body.bytes.toString('latin1', this.timeStart, this.timeEnd);
  }

  get dataJson(): string {
    return this.body.bytes.toString('utf8', this.dataStart, this.dataEnd);
  }
}

/**
 * The event on the line that begins at `start` of a body in UTF-8, where it is written as agents write theirs: compact
 * JSON, attributes in printable ASCII without escapes, a source `/agents/<deviceId>`, data that is plain (see
 * `endOfPlainJson`). Null for any other line, good or bad: `checkEventText` decides on those, and takes every event
 * that is taken here with the same attributes and equal data.
 */
export function plainEventAt(body: ByteBlock, start: number, nowMs: number): PlainEvent | null {
  const { bytes } = body;
  const lineEnd = findMembers(body, start);
  if (lineEnd === none || (lineEnd < bytes.length && bytes[lineEnd] !== newline)) return null;
  if (lineEnd - start > eventLimits.sizeBytes || !areWithinLimits()) return null;
  const timeMs = parseRfc3339(textOf(bytes, members.time));
  if (!isTimeTaken(timeMs, nowMs)) return null;
  const agentId = agentIn(body);
  if (agentId === '') return null;
  const deviceId = starts[members.subject] === none ? agentId : textOf(bytes, members.subject);
  return new PlainEvent(body, timeMs, deviceId, agentId);
}

/** Behind the event's closing brace, with its members' places in `starts` and `ends`; -1 where it is not plain. */
function findMembers(body: ByteBlock, start: number): number {
  const { bytes } = body;
  starts[members.subject] = none;
  let seen = 0;
  let at = start;
  let separator = openBrace;
  do {
    if (bytes[at] !== separator || bytes[at + 1] !== quote) return none;
    const name = at + 2;
    const nameEnd = textEnd(bytes, name);
    const member = nameEnd === none ? none : memberNamed(body, name, nameEnd);
    if (member === none || (seen & (1 << member)) !== 0 || bytes[nameEnd + 1] !== colon) return none;
    seen |= 1 << member;
    at = findValue(body, member, nameEnd + 2);
    if (at === none) return none;
    separator = comma;
  } while (bytes[at] !== closeBrace);
  return (seen & required) === required ? at + 1 : none;
}

function memberNamed(body: ByteBlock, start: number, end: number): number {
  for (let member = 0; member < memberNames.length; member++) {
    if (isSame(body, start, end, memberNames[member] ?? version)) return member;
  }
  return none;
}

/** Notes where the member's value stands; what is behind it, -1 where it is not plain. */
function findValue(body: ByteBlock, member: number, start: number): number {
  const { bytes } = body;
  if (member === members.data) {
    const end = endOfPlainJson(bytes, start, bytes.length, eventLimits.depth - 1);
    starts[member] = start;
    ends[member] = end;
    return end;
  }
  const end = bytes[start] === quote ? textEnd(bytes, start + 1) : none;
  if (end === none || end === start + 1) return none;
  if (member === members.specVersion && !isSame(body, start + 1, end, version)) return none;
  if (member === members.contentType && !isSame(body, start + 1, end, jsonMediaType)) return none;
  starts[member] = start + 1;
  ends[member] = end;
  return end + 1;
}

/** Where a text of printable ASCII without escapes ends: at its quote; -1 for any other text. */
function textEnd(bytes: Buffer, start: number): number {
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) return at;
    if (byte < 0x20 || byte > 0x7e || byte === backslash) return none;
  }
  return none;
}

function areWithinLimits(): boolean {
  const { idLength, sourceLength, typeLength } = eventLimits;
  return (
    lengthOf(members.id) <= idLength &&
    lengthOf(members.source) <= sourceLength &&
    lengthOf(members.type) <= typeLength &&
    (starts[members.subject] === none || lengthOf(members.subject) <= idLength)
  );
}

function lengthOf(member: number): number {
  return (ends[member] ?? 0) - (starts[member] ?? 0);
}

function textOf(bytes: Buffer, member: number): string {
  return bytes.toString('latin1', starts[member], ends[member]);
}

/** The device of a source `/agents/<deviceId>` whose id needs no escapes in a URI; empty for any other source. */
function agentIn(body: ByteBlock): string {
  const { bytes } = body;
  const start = starts[members.source] ?? 0;
  const end = ends[members.source] ?? 0;
  const idStart = start + agentPath.bytes.length;
  if (idStart >= end || end - idStart > eventLimits.idLength || !isSame(body, start, idStart, agentPath))
    return '';
  for (let at = idStart; at < end; at++) if (unreserved[bytes[at] ?? 0] !== 1) return '';
  return bytes.toString('latin1', idStart, end);
}
