import { isUtf8 } from 'node:buffer';

import { type EnrichedEvent, enrichedMembers } from '../../contracts/enriched.ts';
import { isUuid } from './cql-values.ts';

/** What is read of a record to place it, and what its rows may lack. */
export interface PlacedEvent {
  readonly eventId: string;
  readonly tenantId: string;
  readonly deviceId: string | null;
  readonly eventTimeMs: number;
  /** The unified type: how long the rows are kept depends on it. */
  readonly eventType: string;
  /** True where host name or organization are not all known. */
  readonly isIncomplete: boolean;
  /** Organization and host name as the event gives them: those of its device, where it is a device event. */
  readonly hostname: string | null;
  readonly organizationId: string | null;
  readonly organizationName: string | null;
}

export interface Refusal {
  readonly reason: string;
  readonly cause?: unknown;
}

/** The largest record that is stored: an event of the largest size with room for what enriching adds. */
export const maxRecordBytes = 4 * 1024 * 1024;

/** A key of Cassandra ends at 65,535 bytes, tenant and device together. */
const maxKeyTextBytes = 16 * 1024;

/** The moments that can be answered: the years 1 to 9999, as RFC 3339 can write them. */
const earliestMs = -62_135_596_800_000;
const latestMs = 253_402_300_799_999;

const optionalMembers: ReadonlySet<string> = new Set<keyof EnrichedEvent>([
  'deviceId',
  'hostname',
  'organizationId',
  'organizationName',
  'userId',
]);
const textMembers = enrichedMembers.filter((m) => m.kind === 'text').map((m) => m.name);
const timeMembers = enrichedMembers.filter((m) => m.kind === 'number').map((m) => m.name);

/**
 * Reads a record's value once, to refuse what could not be answered later. The row holds the value's own bytes:
 * what is read here is not printed again.
 */
export function readEnriched(value: Buffer): PlacedEvent | Refusal {
  if (value.length > maxRecordBytes) return { reason: `larger than ${maxRecordBytes} bytes` };
  if (!isUtf8(value)) return { reason: 'the event is not UTF-8' };
  let event: unknown;
  try {
    event = JSON.parse(value.toString('utf8'));
  } catch (cause) {
    return { reason: 'the event is not JSON, or nested too deep to read', cause };
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    return { reason: 'the event is not a JSON object' };
  }
  const members = event as Readonly<Record<string, unknown>>;
  const wrong = wrongMember(members);
  return wrong === null ? placed(members) : { reason: wrong };
}

function wrongMember(members: Readonly<Record<string, unknown>>): string | null {
  for (const name of textMembers) {
    const value = members[name];
    if (typeof value === 'string') continue;
    if (value !== undefined && value !== null) return `the member ${name} is not text`;
    if (!optionalMembers.has(name)) return `the member ${name} is missing`;
  }
  for (const name of timeMembers) {
    const value = members[name];
    if (typeof value !== 'number' || !(value >= earliestMs && value <= latestMs)) {
      return `the member ${name} is not a time of the years 1 to 9999 in milliseconds`;
    }
  }
  if (!isUuid(String(members['eventId']))) return 'the member eventId is not a UUID';
  for (const name of ['tenantId', 'deviceId']) {
    const value = members[name];
    if (typeof value === 'string' && Buffer.byteLength(value) > maxKeyTextBytes) {
      return `the member ${name} is longer than ${maxKeyTextBytes} bytes`;
    }
  }
  return null;
}

function placed(members: Readonly<Record<string, unknown>>): PlacedEvent {
  const text = (name: string): string | null => {
    const value = members[name];
    return typeof value === 'string' ? value.toWellFormed() : null;
  };
  const hostname = text('hostname');
  const organizationId = text('organizationId');
  const organizationName = text('organizationName');
  return {
    eventId: text('eventId') ?? '',
    tenantId: text('tenantId') ?? '',
    deviceId: text('deviceId'),
    eventTimeMs: Math.round(Number(members['eventTime'])),
    eventType: text('eventType') ?? '',
    isIncomplete: hostname === null || organizationId === null || organizationName === null,
    hostname,
    organizationId,
    organizationName,
  };
}
