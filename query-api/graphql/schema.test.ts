import { lexicographicSortSchema, printSchema } from 'graphql';
import { expect, it } from 'vitest';

import { alertStates, alertStatuses, alertVerdicts } from '../../contracts/alert.ts';
import { severities } from '../../contracts/event.ts';
import { deviceStatuses } from '../../contracts/device.ts';
import { aggregates } from '../../sinks/analytics.ts';
import { alertSorts } from '../../stores/alert-reader.ts';
import { facetNames } from '../rest/event-routes.ts';
import { costs } from './limits.ts';
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

it('has no mutation that costs nothing', () => {
  const mutations = Object.keys(createGraphSchema().getMutationType()?.getFields() ?? {});
  expect(mutations).toContain('setDeviceParent');
  expect(mutations.filter((name) => (costs[name] ?? 0) === 0)).toEqual([]);
});
