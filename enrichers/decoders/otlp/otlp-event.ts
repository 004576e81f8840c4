import { hash } from 'node:crypto';

import type { OtlpEvent } from '../../../contracts/otlp.ts';
import { plainAttributes, textOf } from './values.ts';

/** Who says it: the resource's attributes, and the device they name (empty where they name none). */
export interface OtlpOrigin {
  readonly deviceId: string;
  readonly hostname: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const deviceAttributes = ['host.id', 'host.name', 'service.instance.id'];

/** The device of a resource by OpenTelemetry's semantic conventions; else `deviceId`. */
export function originOf(resource: Readonly<Record<string, unknown>>, deviceId: string): OtlpOrigin {
  const attributes = plainAttributes(resource['attributes']);
  const named = deviceAttributes.map((name) => textOf(attributes[name])).find((text) => text !== '');
  return { attributes, hostname: textOf(attributes['host.name']), deviceId: named ?? deviceId };
}

type Named = Pick<OtlpEvent, 'type' | 'timeMs' | 'data' | 'points'>;

/**
 * Gives each event an id made of its content, and of how many equal ones came before it in the request: the
 * same request sent again makes the same ids, whatever else travels with it.
 */
export function createEventNaming(): (origin: OtlpOrigin, event: Named) => OtlpEvent {
  const seen = new Map<string, number>();
  return ({ deviceId, hostname }, { type, timeMs, data, points }) => {
    const digest = hash('sha256', JSON.stringify([deviceId, type, timeMs, data]), 'base64url');
    const occurrence = seen.get(digest) ?? 0;
    seen.set(digest, occurrence + 1);
    return { id: `${digest}-${occurrence}`, deviceId, hostname, type, timeMs, data, points };
  };
}
