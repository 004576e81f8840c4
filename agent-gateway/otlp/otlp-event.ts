import { hash } from 'node:crypto';

import type { Principal } from '../../contracts/tenant.ts';
import { type CheckedEvent, checkSizedEvent, type Refusal } from '../cloud-event.ts';
import { plainAttributes, textOf } from './values.ts';

/** An event made of what OTLP brought, and how many of its records or data points it stands for. */
export interface OtlpEvent {
  readonly event: Readonly<Record<string, unknown>>;
  readonly points: number;
}

/** Who says it: the resource's attributes, and the device they name (empty where they name none). */
export interface OtlpOrigin {
  readonly deviceId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const deviceAttributes = ['host.id', 'host.name', 'service.instance.id'];

/** The device of a resource by OpenTelemetry's semantic conventions; else the one that holds the token. */
export function originOf(resource: Readonly<Record<string, unknown>>, principal: Principal): OtlpOrigin {
  const attributes = plainAttributes(resource['attributes']);
  const named = deviceAttributes.map((name) => textOf(attributes[name])).find((text) => text !== '');
  return { attributes, deviceId: named ?? principal.deviceId ?? '' };
}

/**
 * Gives each event an id made of its content, and of how many equal ones came before it in the request: the
 * same request sent again makes the same ids, whatever else travels with it.
 */
export function createEventNaming(): (
  origin: OtlpOrigin,
  type: string,
  timeMs: number,
  data: object,
) => object {
  const seen = new Map<string, number>();
  return (origin, type, timeMs, data) => {
    const { deviceId } = origin;
    const digest = hash('sha256', JSON.stringify([deviceId, type, timeMs, data]), 'base64url');
    const occurrence = seen.get(digest) ?? 0;
    seen.set(digest, occurrence + 1);
    return {
      specversion: '1.0',
      id: `${digest}-${occurrence}`,
      source: deviceId === '' ? '/otlp' : `/agents/${encodeURIComponent(deviceId.toWellFormed())}/otlp`,
      type,
      time: timeText(timeMs),
      ...(deviceId === '' ? {} : { subject: deviceId }),
      data,
    };
  };
}

export function checkOtlpEvent(entry: OtlpEvent, nowMs: number): CheckedEvent | Refusal {
  return checkSizedEvent(entry.event, nowMs);
}

/** A time beyond what Date can print is refused as any other that is not RFC 3339. */
function timeText(timeMs: number): string {
  const date = new Date(timeMs);
  return Number.isNaN(date.getTime()) ? `${timeMs} ms` : date.toISOString();
}
