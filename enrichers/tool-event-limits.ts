import { eventLimits } from '../contracts/event.ts';
import { toStorableJson } from '../contracts/storable-json.ts';
import type { ToolEvent } from './decoders/decoded.ts';

/** Why an event of a tool cannot be stored; the dead letter's reason. */
export type ToolEventFault =
  'ID_INVALID' | 'TYPE_TOO_LONG' | 'TIME_MISSING' | 'TIME_AHEAD' | 'EVENT_TOO_DEEP' | 'EVENT_TOO_LARGE';

const control = /[\p{Cc}\p{Cs}]/u;

/**
 * The limits of the door, for events that come from a tool's database: what a technician sees must be storable in
 * every engine. How old an event may be is not limited: a first snapshot brings what the tool has kept.
 */
export function faultOf(event: ToolEvent, receivedMs: number): ToolEventFault | null {
  if (event.id === '' || event.id.length > eventLimits.idLength || control.test(event.id))
    return 'ID_INVALID';
  if (event.path.length > eventLimits.sourceLength - 100 || control.test(event.server)) return 'ID_INVALID';
  if (event.sourceType.length > eventLimits.typeLength || control.test(event.sourceType))
    return 'TYPE_TOO_LONG';
  if (!Number.isFinite(event.timeMs) || event.timeMs <= 0) return 'TIME_MISSING';
  if (event.timeMs > receivedMs + eventLimits.maxAheadMs) return 'TIME_AHEAD';
  // `data` and its `row` are ours: the tool's own nesting is below them.
  return isShallow(event.data, eventLimits.depth) ? null : 'EVENT_TOO_DEEP';
}

/** The event as JSON that every store can read; null where it is larger than an event may be. */
export function storable(value: unknown): string | null {
  const json = toStorableJson(value);
  return Buffer.byteLength(json) > eventLimits.sizeBytes ? null : json;
}

function isShallow(value: unknown, depthLeft: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depthLeft === 0) return false;
  return Object.values(value).every((member) => isShallow(member, depthLeft - 1));
}
