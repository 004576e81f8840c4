import { buildSchema, type GraphQLSchema, isObjectType } from 'graphql';

import {
  alertConnectionResolvers,
  alertMutations,
  alertQueries,
  alertResolvers,
  alertRuleResolvers,
} from './alert-resolvers.ts';
import { subscribeToAlerts } from './alert-subscription.ts';
import { alertTypeDefinitions } from './alert-type-definitions.ts';
import { incidentQueries } from './incident-resolvers.ts';
import { incidentTypeDefinitions } from './incident-type-definitions.ts';
import {
  eventConnectionResolvers,
  eventResolvers,
  metricSeriesResolvers,
  queryResolvers,
  type Resolver,
  stageResolvers,
} from './resolvers.ts';
import { notificationMutations, notificationQueries } from './notification-resolvers.ts';
import { notificationTypeDefinitions } from './notification-type-definitions.ts';
import { settingMutations } from './setting-resolvers.ts';
import { settingTypeDefinitions } from './setting-type-definitions.ts';
import { subscribers } from './subscriptions.ts';
import { triageMutations, triageQueries } from './triage-resolvers.ts';
import { triageTypeDefinitions } from './triage-type-definitions.ts';
import { typeDefinitions } from './type-definitions.ts';

/** The schema with what answers it. Throws where a resolver has no field, so that none is left behind. */
export function createGraphSchema(): GraphQLSchema {
  const schema = buildSchema(
    typeDefinitions +
      alertTypeDefinitions +
      incidentTypeDefinitions +
      triageTypeDefinitions +
      settingTypeDefinitions +
      notificationTypeDefinitions,
  );
  attach(schema, 'Query', {
    ...queryResolvers,
    ...alertQueries,
    ...incidentQueries,
    ...notificationQueries,
    ...triageQueries,
  });
  attach(schema, 'Mutation', {
    ...alertMutations,
    ...settingMutations,
    ...notificationMutations,
    ...triageMutations,
  });
  attach(schema, 'AlertConnection', alertConnectionResolvers);
  attach(schema, 'Alert', alertResolvers);
  attach(schema, 'AlertRule', alertRuleResolvers);
  attach(schema, 'EventConnection', eventConnectionResolvers);
  attach(schema, 'Event', eventResolvers);
  attach(schema, 'MetricSeries', metricSeriesResolvers);
  attach(schema, 'Stage', stageResolvers);
  for (const [name, subscribe] of Object.entries({ ...subscribers, alertChanged: subscribeToAlerts })) {
    fieldOf(schema, 'Subscription', name).subscribe = subscribe;
  }
  return schema;
}

function attach<Source>(
  schema: GraphQLSchema,
  typeName: string,
  resolvers: Readonly<Record<string, Resolver<Source>>>,
): void {
  for (const [name, resolve] of Object.entries(resolvers)) fieldOf(schema, typeName, name).resolve = resolve;
}

function fieldOf(schema: GraphQLSchema, typeName: string, name: string) {
  const type = schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[name] : undefined;
  if (field === undefined) throw new Error(`The schema has no field ${typeName}.${name}.`);
  return field;
}
