import { isUtf8 } from 'node:buffer';

import { messageOf, OpenFrameError } from '../contracts/errors.ts';
import { eventLimits } from '../contracts/event.ts';
import { blockOf } from '../streams/byte-block.ts';
import { excerpt, shown } from './attribute-text.ts';
import {
  type CheckedEvent,
  checkEvent,
  checkEventText,
  checkSizedEvent,
  type Refusal,
  tooLarge,
} from './cloud-event.ts';
import type { CheckEntry } from './event-door.ts';
import { plainEventAt } from './plain-event.ts';

const newline = 0x0a;
/** Lines or events in one body. */
const maxEntries = 10_000;
/** A JSON array is parsed in one go, which holds up everybody else. */
const maxArrayBytes = 8 * 1024 * 1024;

/** A body taken apart into what is checked one by one. */
export interface BodyEntries {
  readonly entries: readonly unknown[];
  readonly check: CheckEntry<unknown>;
}

const readers: Readonly<Record<string, (bytes: Buffer) => BodyEntries>> = {
  'application/x-ndjson': linesOf,
  'application/ndjson': linesOf,
  'application/cloudevents-batch+json': arrayOf,
  'application/cloudevents+json': oneOf,
};

/**
 * The way to read a body of this Content-Type. Throws `MEDIA_TYPE_UNSUPPORTED` before the body is touched;
 * the reader throws `BODY_UNREADABLE` and `BODY_TOO_LARGE` for faults of the body as a whole.
 */
export function entriesReader(contentType: string | undefined): (bytes: Buffer) => BodyEntries {
  const [name = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  const charset = parameters.find((p) => p.trim().startsWith('charset='));
  const reader = Object.hasOwn(readers, name.trim()) ? readers[name.trim()] : undefined;
  if (reader !== undefined && (charset === undefined || /=\s*"?utf-?8"?\s*$/.test(charset))) return reader;
  throw new OpenFrameError(
    'MEDIA_TYPE_UNSUPPORTED',
    `Content-Type ${shown(contentType)} is not taken: send one of ${Object.keys(readers).join(', ')}, in UTF-8.`,
  );
}

/** NDJSON: an event a line. A line that is cut or not UTF-8 is refused alone; blank lines count for nothing. */
function linesOf(bytes: Buffer): BodyEntries {
  const starts: number[] = [];
  for (let start = 0; start < bytes.length;) {
    if (starts.push(start) > maxEntries) throw tooMany();
    const end = bytes.indexOf(newline, start);
    start = end < 0 ? bytes.length : end + 1;
  }
  const body = blockOf(bytes);
  const wellFormed = isUtf8(bytes);
  return {
    entries: starts,
    check: (entry, nowMs) => {
      const start = Number(entry);
      return (wellFormed ? plainEventAt(body, start, nowMs) : null) ?? checkLine(bytes, start, nowMs);
    },
  };
}

function checkLine(bytes: Buffer, start: number, nowMs: number): CheckedEvent | Refusal | null {
  const end = bytes.indexOf(newline, start);
  const line = bytes.subarray(start, end < 0 ? bytes.length : end);
  if (!isUtf8(line)) return notUtf8;
  const text = line.toString('utf8');
  return text.trim() === '' ? null : checkEventText(text, nowMs);
}

const notUtf8: Refusal = {
  code: 'EVENT_NOT_JSON',
  message: 'The line is not UTF-8, so not JSON (RFC 8259 section 8.1): encode it as UTF-8.',
};

/** CloudEvents' JSON batch format: one array. */
function arrayOf(bytes: Buffer): BodyEntries {
  if (bytes.length > maxArrayBytes) {
    throw new OpenFrameError(
      'BODY_TOO_LARGE',
      `A batch as one JSON array may have ${maxArrayBytes} bytes: send application/x-ndjson, or less at a time.`,
      { details: { limitBytes: maxArrayBytes } },
    );
  }
  const events = parsed(bytes);
  if (!Array.isArray(events)) {
    throw new OpenFrameError(
      'BODY_UNREADABLE',
      `The batch is ${shown(events)}: send a JSON array of events.`,
    );
  }
  if (events.length > maxEntries) throw tooMany();
  return { entries: events, check: bytes.length > eventLimits.sizeBytes ? checkSizedEvent : checkEvent };
}

/** CloudEvents' structured mode: the body is one event. */
function oneOf(bytes: Buffer): BodyEntries {
  if (bytes.length > eventLimits.sizeBytes) return { entries: [null], check: () => tooLarge };
  return { entries: [parsed(bytes)], check: checkEvent };
}

function parsed(bytes: Buffer): unknown {
  try {
    if (!isUtf8(bytes)) throw new Error('it is not UTF-8');
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    const reason = excerpt(messageOf(error), 120);
    throw new OpenFrameError('BODY_UNREADABLE', `The body is not JSON (${reason}): send it whole.`, {
      cause: error,
    });
  }
}

function tooMany(): OpenFrameError {
  return new OpenFrameError(
    'BODY_TOO_LARGE',
    `The body has more than ${maxEntries} events: send them in several requests.`,
    { details: { limit: maxEntries } },
  );
}
