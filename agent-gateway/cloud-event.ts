import type { ErrorCode } from '../contracts/errors.ts';
import { eventLimits } from '../contracts/event.ts';
import { agentIdOf, excerpt, isAttributeText, shown } from './attribute-text.ts';
import { lacksZone, parseRfc3339 } from './rfc3339.ts';
import { toStorableJson } from '../contracts/storable-json.ts';
import { isUriReference } from './uri-reference.ts';

/** An event that passed the door's checks. */
export interface CheckedEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** RFC 3339, as it was sent. */
  readonly time: string;
  readonly timeMs: number;
  /** Empty where neither subject nor source says which device. */
  readonly deviceId: string;
  /** The device that the source speaks for (`/agents/<id>`); empty for another source. */
  readonly agentId: string;
  /** `data` as JSON; `null` where the event has none. */
  readonly dataJson: string;
  /** Set where a tool's payload was decoded at the door: which tool, and whom of it the event is about. */
  readonly tool?: { readonly name: string; readonly userId?: string };
}

/** Why an event is not taken. `field` is the attribute at fault, where it is one. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string;
}

export function isRefusal(checked: CheckedEvent | Refusal): checked is Refusal {
  return 'code' in checked;
}

/**
 * Checks one event in CloudEvents' JSON format: a line, a frame. `nowMs` is the gateway's time. Gives a
 * refusal instead of throwing: what is refused is data here, and every event of every device passes through.
 */
export function checkEventText(text: string, nowMs: number): CheckedEvent | Refusal {
  if (isLongerThan(text, eventLimits.sizeBytes)) return tooLarge;
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? excerpt(error.message, 120) : 'unreadable';
    const message = `The event is not JSON (${reason}): send one whole CloudEvent for each line or frame.`;
    return { code: 'EVENT_NOT_JSON', message };
  }
  return checkEvent(event, nowMs);
}

/**
 * Holds a parsed event against the CloudEvents 1.0 specification (context attributes, type system, JSON
 * format) and this platform's `eventLimits`; `cloudEventSchema` says the same as a schema.
 */
export function checkEvent(event: unknown, nowMs: number): CheckedEvent | Refusal {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    return { code: 'EVENT_INVALID', message: `The event is ${shown(event)}: send a JSON object.` };
  }
  if (!isShallow(event, eventLimits.depth)) return tooDeep;
  const attributes = event as Readonly<Record<string, unknown>>;
  const { specversion, id, source, type, time, data } = attributes;
  if (specversion !== '1.0') return invalid('specversion', specversion, 'send "1.0"');
  if (!isText(id, eventLimits.idLength)) return notText('id', id, eventLimits.idLength);
  if (!isText(source, eventLimits.sourceLength)) return notText('source', source, eventLimits.sourceLength);
  if (!isUriReference(source)) return invalid('source', source, 'send a URI-reference: "/agents/<deviceId>"');
  if (!isText(type, eventLimits.typeLength)) return notText('type', type, eventLimits.typeLength);
  if (typeof time !== 'string') return invalid('time', time, timeRemedy);
  const timeMs = parseRfc3339(time);
  const refusal = checkTime(time, timeMs, nowMs) ?? checkOthers(attributes);
  if (refusal !== null) return refusal;
  const agentId = agentIdOf(source);
  const deviceId = typeof attributes['subject'] === 'string' ? attributes['subject'] : agentId;
  if (deviceId.length > eventLimits.idLength) return notText('source', source, eventLimits.idLength);
  const dataJson = data === undefined ? 'null' : toStorableJson(data);
  return { id, source, type, time, timeMs, deviceId, agentId, dataJson };
}

/** The same for an event that was not measured as text before. */
export function checkSizedEvent(event: unknown, nowMs: number): CheckedEvent | Refusal {
  const checked = checkEvent(event, nowMs);
  return isRefusal(checked) || !isLongerThan(JSON.stringify(event), eventLimits.sizeBytes)
    ? checked
    : tooLarge;
}

const timeRemedy = 'send an RFC 3339 time with its zone, such as "2026-01-31T12:00:00Z"';

/** Whether an event of this time (NaN is none) is neither too old nor too far ahead. */
export function isTimeTaken(timeMs: number, nowMs: number): boolean {
  return timeMs <= nowMs + eventLimits.maxAheadMs && timeMs >= nowMs - eventLimits.maxAgeMs;
}

function checkTime(time: string, timeMs: number, nowMs: number): Refusal | null {
  if (isTimeTaken(timeMs, nowMs)) return null;
  if (Number.isNaN(timeMs)) {
    const remedy = lacksZone(time) ? 'it lacks the zone: add "Z" or an offset such as "+02:00"' : timeRemedy;
    return invalid('time', time, remedy);
  }
  const early = timeMs < nowMs;
  const limitMs = early ? eventLimits.maxAgeMs : eventLimits.maxAheadMs;
  const than = early ? 'older than' : 'further ahead than';
  return {
    code: 'EVENT_TIME_OUT_OF_RANGE',
    field: 'time',
    message: `time is ${time}, ${than} ${limitMs / 3_600_000} hours: set the device's clock.`,
  };
}

/** Every attribute but the required ones: the optional ones of the specification, then extensions. */
function checkOthers(attributes: Readonly<Record<string, unknown>>): Refusal | null {
  for (const name in attributes) {
    const value = attributes[name];
    let refusal: Refusal | null = null;
    switch (name) {
      case 'specversion':
      case 'id':
      case 'source':
      case 'type':
      case 'time':
      case 'data':
        continue;
      case 'subject':
        if (value === null || isText(value, eventLimits.idLength)) continue;
        return notText(name, value, eventLimits.idLength);
      case 'datacontenttype':
        if (value === null || value === 'application/json' || isJsonMediaType(value)) continue;
        return invalid(name, value, 'send "application/json" or leave it out');
      default:
        refusal = checkRare(name, value);
    }
    if (refusal !== null) return refusal;
  }
  return null;
}

/** CloudEvents' names: lower-case letters and digits. */
const attributeName = /^[a-z0-9]{1,64}$/;
const jsonMediaType = /^(?:application|text)\/(?:[a-z0-9!#$&^_.+-]+\+)?json(?:[ \t]*;[\x20-\x7e\t]*)?$/i;

function isJsonMediaType(value: unknown): boolean {
  return typeof value === 'string' && jsonMediaType.test(value);
}

function checkRare(name: string, value: unknown): Refusal | null {
  if (name === 'data_base64') {
    return value === null ? null : invalid(name, value, 'binary data is not taken, send JSON in data');
  }
  if (!attributeName.test(name)) return badName(name);
  if (value === null) return null;
  if (name === 'dataschema') {
    if (isText(value, eventLimits.sourceLength) && isUriReference(value)) return null;
    return invalid(name, value, 'send a URI or leave it out');
  }
  return isExtensionValue(value) ? null : invalid(name, value, 'send a string, boolean or 32-bit integer');
}

function badName(name: string): Refusal {
  return {
    code: 'EVENT_INVALID',
    message: `The attribute ${shown(name)} has a name that CloudEvents does not allow: use a-z and 0-9, at most 64.`,
  };
}

function isExtensionValue(value: unknown): boolean {
  if (typeof value === 'string') return value === '' || isText(value, eventLimits.sourceLength);
  return typeof value === 'boolean' || (Number.isInteger(value) && value === Number(value) << 0);
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.length <= maxLength && isAttributeText(value);
}

function notText(field: string, value: unknown, maxLength: number): Refusal {
  return invalid(field, value, `send 1 to ${maxLength} characters without control characters`);
}

function invalid(field: string, value: unknown, remedy: string): Refusal {
  return { code: 'EVENT_INVALID', field, message: `${field} is ${shown(value)}: ${remedy}.` };
}

/** For whatever finds an event over its size before it is parsed. */
export const tooLarge: Refusal = {
  code: 'EVENT_TOO_LARGE',
  message: `The event has more than ${eventLimits.sizeBytes} bytes: split its data over several events.`,
};

const tooDeep: Refusal = {
  code: 'EVENT_TOO_DEEP',
  message: `The event nests deeper than ${eventLimits.depth} objects and arrays: flatten its data.`,
};

function isLongerThan(text: string, sizeBytes: number): boolean {
  return text.length * 3 > sizeBytes && Buffer.byteLength(text) > sizeBytes;
}

function isShallow(value: object, depthLeft: number): boolean {
  if (depthLeft === 0) return false;
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) {
      if (typeof item === 'object' && item !== null && !isShallow(item, depthLeft - 1)) return false;
    }
    return true;
  }
  for (const name in value) {
    const member = (value as Readonly<Record<string, unknown>>)[name];
    if (typeof member === 'object' && member !== null && !isShallow(member, depthLeft - 1)) return false;
  }
  return true;
}
