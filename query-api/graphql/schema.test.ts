import { lexicographicSortSchema, printSchema } from 'graphql';
import { expect, it } from 'vitest';

import { alertStates, alertStatuses, alertVerdicts } from '../../contracts/alert.ts';
import { severities } from '../../contracts/event.ts';
import { deviceStatuses } from '../../contracts/device.ts';
import { aggregates } from '../../sinks/analytics.ts';
import { alertSorts } from '../../stores/alert-reader.ts';
import { facetNames } from '../rest/event-routes.ts';
import { questionCosts } from './limits.ts';
import { createGraphSchema } from './schema.ts';

it('is the schema that is documented; vitest run FILE -u writes a new one down', async () => {
  const printed = `${printSchema(lexicographicSortSchema(createGraphSchema()))}\n`;
  await expect(printed).toMatchFileSnapshot('../../docs/schema.graphql');
});

it('has the vocabularies of the contracts', () => {
  const schema = createGraphSchema();
  const valuesOf = (name: string): string[] => {
    const type = schema.getType(name);
    return type !== undefined && 'getValues' in type ? type.getValues().map((value) => value.name) : [];
  };
  expect(valuesOf('Severity')).toEqual([...severities]);
  expect(valuesOf('DeviceStatus')).toEqual([...deviceStatuses]);
  expect(valuesOf('Aggregate')).toEqual([...aggregates]);
  expect(valuesOf('EventFacet')).toEqual([...facetNames]);
  expect(valuesOf('AlertState')).toEqual([...alertStates]);
  expect(valuesOf('AlertStatus')).toEqual([...alertStatuses]);
  expect(valuesOf('AlertVerdict')).toEqual([...alertVerdicts]);
  expect(valuesOf('AlertSort')).toEqual([...alertSorts]);
});

it('has no question, change or subscription that costs nothing but the session', () => {
  const schema = createGraphSchema();
  const types = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const names = types.flatMap((type) => Object.keys(type?.getFields() ?? {}));
  expect(names).toEqual(expect.arrayContaining(['incidents', 'setDeviceParent', 'eventAdded']));
  expect(names.filter((name) => (questionCosts[name] ?? 0) === 0)).toEqual(['session']);
  expect(Object.keys(questionCosts).filter((name) => !names.includes(name))).toEqual([]);
});
