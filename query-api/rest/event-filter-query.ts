import type { z } from 'zod';

import { eventLimits, severitySchema, severities, toolTypes } from '../../contracts/event.ts';
import type { EventFilter } from '../../sinks/analytics.ts';
import { choiceParameter, listParameter, textParameter, timeParameter } from './parameters.ts';
import { fieldFault } from './parse-request.ts';

/** The parameters that choose events: the same on every route about events. */
export const eventFilterShape = {
  from: timeParameter('Events at or after this moment (event time).').optional(),
  to: timeParameter('Events before this moment (event time).').optional(),
  eventTypes: listParameter(textParameter('', eventLimits.typeLength), {
    description: 'Unified event types.',
    must: `1 to ${eventLimits.typeLength} characters`,
  }).optional(),
  toolTypes: listParameter(choiceParameter('', toolTypes), {
    description: 'Tools that the events came from.',
    must: `one of ${toolTypes.join(', ')}`,
  }).optional(),
  severities: listParameter(severitySchema, {
    description: 'Severities.',
    must: `one of ${severities.join(', ')}`,
  }).optional(),
  organizationIds: listParameter(textParameter('', 128), {
    description: 'Organizations.',
    must: '1 to 128 characters',
  }).optional(),
  deviceId: textParameter('One device.', eventLimits.sourceLength).optional(),
  search: textParameter(
    'Words, each of which must start a word of the summary, the host name, the organization or the message; case does not matter.',
    256,
  ).optional(),
};

type EventFilterQuery = {
  [Name in keyof typeof eventFilterShape]?: z.output<(typeof eventFilterShape)[Name]>;
};

/** The filter that the parameters ask for. Throws `QUERY_INVALID` where `from` is not before `to`. */
export function toEventFilter(query: EventFilterQuery): EventFilter {
  const {
    from,
    to,
    eventTypes,
    toolTypes: tools,
    severities: levels,
    organizationIds,
    deviceId,
    search,
  } = query;
  requireOrder(from, to);
  return {
    ...(from === undefined ? {} : { fromMs: from }),
    ...(to === undefined ? {} : { toMs: to }),
    ...(eventTypes === undefined ? {} : { eventTypes }),
    ...(tools === undefined ? {} : { toolTypes: tools }),
    ...(levels === undefined ? {} : { severities: levels }),
    ...(organizationIds === undefined ? {} : { organizationIds }),
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(search === undefined ? {} : { search }),
  };
}

/** Throws `QUERY_INVALID` where both are given and no moment lies between them. */
export function requireOrder(fromMs: number | undefined, toMs: number | undefined): void {
  if (fromMs === undefined || toMs === undefined || fromMs < toMs) return;
  throw fieldFault(
    'from',
    new Date(fromMs).toISOString(),
    `must be before "to", ${new Date(toMs).toISOString()}`,
  );
}
