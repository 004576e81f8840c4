import { z } from 'zod';

import { alertStates, alertStatuses } from '../../contracts/alert.ts';
import { OpenFrameError } from '../../contracts/errors.ts';
import {
  type Incident,
  incidentSchema,
  noiseStatsSchema,
  suppressionStatsSchema,
} from '../../contracts/incident.ts';
import type { AlertReader } from '../../stores/alert-reader.ts';
import type { WholeIncident } from '../../stores/incidents.ts';
import { alertIdLength } from '../questions/alert-page.ts';
import { type AskCompleteness, withCompleteness } from '../questions/completeness.ts';
import { answeredAlertSchema, toAnswer } from './alert-answer.ts';
import { breakdownShape } from './alert-routes.ts';
import { listParameter, textParameter, wholeNumberParameter } from './parameters.ts';
import { completenessShape, jsonType, noParameters, pageOf, readRoute, type RestRoute } from './route.ts';

const mostAlerts = 200;
const time = z.iso.datetime();
const answeredIncidentSchema = incidentSchema
  .omit({ firstEventTimeMs: true, lastEventTimeMs: true })
  .extend({ firstEventTime: time, lastEventTime: time })
  .meta({ id: 'Incident' });
const wholeIncidentSchema = answeredIncidentSchema
  .extend({
    children: z
      .array(answeredAlertSchema)
      .describe('Its alerts in the order they opened, hidden ones too; at most the first 200.'),
  })
  .meta({ id: 'WholeIncident' });

const filterShape = {
  statuses: listParameter(z.enum(alertStatuses), {
    description: 'What people made of it: open as long as one of its alerts is.',
    must: `one of ${alertStatuses.join(', ')}`,
  }).optional(),
  states: listParameter(z.enum(alertStates), {
    description: 'Whether it goes on: as the worst of its alerts.',
    must: `one of ${alertStates.join(', ')}`,
  }).optional(),
};

interface IncidentRouteDeps {
  readonly alerts: AlertReader;
  readonly completeness: AskCompleteness;
}

/** Related alerts as one matter, and what was kept out of sight. */
export function createIncidentRoutes(deps: IncidentRouteDeps): RestRoute[] {
  return [
    listRoute(deps),
    statsRoute(deps),
    incidentRoute(deps.alerts),
    suppressionRoute(deps.alerts),
    noiseRoute(deps.alerts),
  ];
}

function listRoute({ alerts, completeness }: IncidentRouteDeps): RestRoute {
  return readRoute({
    params: noParameters,
    path: '/incidents',
    operationId: 'listIncidents',
    summary: 'Incidents, the most deserving first',
    tag: 'alerts',
    description: 'The incidents with an alert that is shown, by the highest score of one.',
    query: z.strictObject({
      ...filterShape,
      limit: wholeNumberParameter('Most incidents.', 1, 1000, 50),
    }),
    content: { [jsonType]: pageOf(answeredIncidentSchema).extend(completenessShape) },
    handle: ({ principal, query }) =>
      withCompleteness(completeness, principal, async () => {
        const found = await alerts.incidents(principal, query);
        return { items: found.map(incidentAnswer), nextCursor: null };
      }),
  });
}

function statsRoute({ alerts, completeness }: IncidentRouteDeps): RestRoute {
  return readRoute({
    params: noParameters,
    path: '/incidents/stats',
    operationId: 'getIncidentStats',
    summary: 'How many incidents there are, by status, state and severity',
    tag: 'alerts',
    description: 'Of all that the list would have, whatever its limit.',
    query: z.strictObject(filterShape),
    content: { [jsonType]: z.strictObject({ total: z.int(), ...breakdownShape, ...completenessShape }) },
    handle: ({ principal, query }) =>
      withCompleteness(completeness, principal, () => alerts.incidentStats(principal, query)),
  });
}

function incidentRoute(alerts: AlertReader): RestRoute {
  return readRoute({
    query: noParameters,
    path: '/incidents/{incidentId}',
    operationId: 'getIncident',
    summary: 'One incident with its alerts',
    tag: 'alerts',
    description: 'Each alert says in `incident.edge` what relates it to another.',
    params: z.strictObject({ incidentId: textParameter('The incident.', alertIdLength) }),
    content: { [jsonType]: wholeIncidentSchema },
    async handle({ principal, params: { incidentId } }) {
      const found = await alerts.incident(principal, incidentId);
      if (found !== null) return wholeAnswer(found);
      throw new OpenFrameError('NOT_FOUND', `No incident has the id ${JSON.stringify(incidentId)}.`);
    },
  });
}

function suppressionRoute(alerts: AlertReader): RestRoute {
  return readRoute({
    query: noParameters,
    params: noParameters,
    path: '/alerts/suppression',
    operationId: 'getSuppression',
    summary: 'What was kept out of sight, and how often that was wrong',
    tag: 'alerts',
    description: 'Of what is hidden a random hundredth goes to review: `visibility=review` lists it.',
    content: { [jsonType]: suppressionStatsSchema.meta({ id: 'SuppressionStats' }) },
    handle: ({ principal }) => alerts.suppression(principal),
  });
}

function noiseRoute(alerts: AlertReader): RestRoute {
  return readRoute({
    query: noParameters,
    params: noParameters,
    path: '/alerts/noise',
    operationId: 'getNoise',
    summary: 'How well alerts are folded and ranked, by what people said of them',
    tag: 'alerts',
    description: 'Rates are of what was judged, with their 95 % interval, and null where nothing was.',
    content: { [jsonType]: noiseStatsSchema.meta({ id: 'NoiseStats' }) },
    handle: ({ principal }) => alerts.noise(principal),
  });
}

function wholeAnswer({ incident, alerts }: WholeIncident) {
  return { ...incidentAnswer(incident), children: alerts.slice(0, mostAlerts).map(toAnswer) };
}

export function incidentAnswer({ firstEventTimeMs, lastEventTimeMs, ...rest }: Incident) {
  return {
    ...rest,
    firstEventTime: new Date(firstEventTimeMs).toISOString(),
    lastEventTime: new Date(lastEventTimeMs).toISOString(),
  };
}
