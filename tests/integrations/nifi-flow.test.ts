import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { headers, toolHeaders, toolTopics, topics } from '../../contracts/topics.ts';
import { formatOf } from '../../enrichers/decoders/formats.ts';

/*
 * The shape of NiFi 2's flow definition (`RegisteredFlowSnapshot`, `VersionedProcessGroup`), as far as its sources say
 * what an import reads. No NiFi has run this.
 */
const id = z.uuid();
const component = { identifier: id, name: z.string(), groupIdentifier: id, comments: z.string() };
const position = z.strictObject({ x: z.number(), y: z.number() });
const bundle = z.strictObject({
  group: z.literal('org.apache.nifi'),
  artifact: z.string().endsWith('-nar'),
  version: z.string(),
});
const properties = z.record(z.string(), z.string());
const descriptors = z.record(
  z.string(),
  z.strictObject({
    name: z.string(),
    displayName: z.string(),
    identifiesControllerService: z.boolean(),
    sensitive: z.boolean(),
    dynamic: z.boolean(),
  }),
);
const configured = {
  type: z.string(),
  bundle,
  properties,
  propertyDescriptors: descriptors,
  bulletinLevel: z.string(),
};
const processor = z.strictObject({
  ...component,
  ...configured,
  position,
  style: z.record(z.string(), z.string()),
  schedulingPeriod: z.string(),
  schedulingStrategy: z.enum(['TIMER_DRIVEN', 'CRON_DRIVEN']),
  executionNode: z.enum(['ALL', 'PRIMARY']),
  penaltyDuration: z.string(),
  yieldDuration: z.string(),
  runDurationMillis: z.int(),
  concurrentlySchedulableTaskCount: z.int().min(1),
  autoTerminatedRelationships: z.array(z.string()),
  scheduledState: z.enum(['ENABLED', 'DISABLED', 'RUNNING']),
  retryCount: z.int(),
  retriedRelationships: z.array(z.string()),
  backoffMechanism: z.enum(['PENALIZE_FLOWFILE', 'YIELD_PROCESSOR']),
  maxBackoffPeriod: z.string(),
  componentType: z.literal('PROCESSOR'),
});
const port = z.strictObject({
  ...component,
  position,
  type: z.enum(['INPUT_PORT', 'OUTPUT_PORT']),
  concurrentlySchedulableTaskCount: z.int(),
  scheduledState: z.string(),
  allowRemoteAccess: z.boolean(),
  portFunction: z.literal('STANDARD'),
  componentType: z.enum(['INPUT_PORT', 'OUTPUT_PORT']),
});
const end = z.strictObject({
  id,
  type: z.enum(['PROCESSOR', 'INPUT_PORT', 'OUTPUT_PORT', 'FUNNEL']),
  groupId: id,
  name: z.string(),
});
const connection = z.strictObject({
  identifier: id,
  name: z.string(),
  source: end,
  destination: end,
  labelIndex: z.int(),
  zIndex: z.int(),
  selectedRelationships: z.array(z.string()),
  backPressureObjectThreshold: z.int(),
  backPressureDataSizeThreshold: z.string(),
  flowFileExpiration: z.string(),
  prioritizers: z.array(z.string()),
  bends: z.array(position),
  loadBalanceStrategy: z.string(),
  partitioningAttribute: z.string(),
  loadBalanceCompression: z.string(),
  componentType: z.literal('CONNECTION'),
  groupIdentifier: id,
});
const service = z.strictObject({
  ...component,
  ...configured,
  controllerServiceApis: z.array(z.strictObject({ type: z.string(), bundle })),
  scheduledState: z.enum(['ENABLED', 'DISABLED']),
  componentType: z.literal('CONTROLLER_SERVICE'),
});
const parameter = z.strictObject({
  name: z.string(),
  description: z.string(),
  sensitive: z.boolean(),
  provided: z.boolean(),
  value: z.string().optional(),
});
const flowSchema = z.strictObject({
  flowContents: z.looseObject({
    identifier: id,
    name: z.string(),
    componentType: z.literal('PROCESS_GROUP'),
    processors: z.array(processor),
    inputPorts: z.array(port),
    outputPorts: z.array(port),
    connections: z.array(connection),
    controllerServices: z.array(service),
    parameterContextName: z.string(),
    ...Object.fromEntries(
      ['processGroups', 'remoteProcessGroups', 'labels', 'funnels'].map((name) => [
        name,
        z.array(z.unknown()),
      ]),
    ),
  }),
  externalControllerServices: z.record(z.string(), z.unknown()),
  parameterContexts: z.record(
    z.string(),
    z.looseObject({ name: z.string(), parameters: z.array(parameter) }),
  ),
  flowEncodingVersion: z.literal('1.0'),
  parameterProviders: z.record(z.string(), z.unknown()),
  latest: z.boolean(),
});

/** The relationships of each processor's class. */
const relationships: Readonly<Record<string, readonly string[]>> = {
  InvokeHTTP: ['Original', 'Response', 'Retry', 'No Retry', 'Failure'],
  UpdateAttribute: ['success'],
  PublishKafka: ['success', 'failure'],
  ConsumeKafka: ['success'],
};

let text: string;
let flow: z.infer<typeof flowSchema>;

beforeAll(async () => {
  text = await readFile(new URL('../../docs/integrations/nifi/openframe-flow.json', import.meta.url), 'utf8');
  flow = flowSchema.parse(JSON.parse(text));
});

const classOf = (type: string): string => type.slice(type.lastIndexOf('.') + 1);

describe('the flow definition for NiFi', () => {
  it('names each component once, and connects what is there', () => {
    const { flowContents: group } = flow;
    const parts = [...group.processors, ...group.inputPorts, ...group.outputPorts];
    const all = [...parts, ...group.connections, ...group.controllerServices].map((one) => one.identifier);
    expect(new Set(all).size).toBe(all.length);
    const byId = new Map(parts.map((part) => [part.identifier, part]));
    for (const { source, destination } of group.connections) {
      for (const { id: to, type, groupId, name } of [source, destination]) {
        expect(byId.get(to)).toMatchObject({ componentType: type, name });
        expect(groupId).toBe(group.identifier);
      }
    }
  });

  it('lets no relationship of a processor hang: each is connected or ends there', () => {
    const { processors, connections } = flow.flowContents;
    for (const { identifier, type, autoTerminatedRelationships, retriedRelationships } of processors) {
      const known = relationships[classOf(type)] ?? [];
      const connected = connections
        .filter(({ source }) => source.id === identifier)
        .flatMap(({ selectedRelationships }) => selectedRelationships);
      expect([...connected, ...autoTerminatedRelationships].sort(), type).toEqual([...known].sort());
      expect(known).toEqual(expect.arrayContaining(retriedRelationships));
    }
  });

  it('describes each property, names only parameters and services that it brings, and holds no secret', () => {
    const { processors, controllerServices, parameterContextName } = flow.flowContents;
    const parameters = flow.parameterContexts[parameterContextName]?.parameters ?? [];
    const services = controllerServices.map(({ identifier }) => identifier);
    for (const { properties: given, propertyDescriptors } of [...processors, ...controllerServices]) {
      expect(Object.keys(given).sort()).toEqual(Object.keys(propertyDescriptors).sort());
      for (const [name, value] of Object.entries(given)) {
        if (propertyDescriptors[name]?.identifiesControllerService === true)
          expect(services).toContain(value);
      }
    }
    const used = new Set([...text.matchAll(/#\{([\w.]+)\}/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual(parameters.map(({ name }) => name).sort());
    expect(parameters.filter(({ sensitive }) => sensitive).map(({ name, value }) => [name, value])).toEqual([
      ['openframe.token', undefined],
    ]);
  });

  it('sends to doors that are there, and reads what is written', () => {
    const of = (name: string): Readonly<Record<string, string>> =>
      flow.flowContents.processors.find(({ type }) => classOf(type) === name)?.properties ?? {};
    expect(of('InvokeHTTP')).toMatchObject({
      'HTTP Method': 'POST',
      'HTTP URL': '#{openframe.gateway}/ingest/v1/events',
      'Request Content-Type': 'application/x-ndjson',
    });
    expect(of('PublishKafka')['Topic Name']).toBe(toolTopics.other);
    const carried = new RegExp(`^(?:${of('PublishKafka')['FlowFile Attribute Header Pattern'] ?? ''})$`);
    const marks = Object.entries(of('UpdateAttribute')).filter(([name]) => carried.test(name));
    expect(marks.map(([name]) => name).sort()).toEqual([toolHeaders.connection, toolHeaders.messageType]);
    expect(formatOf(toolTopics.other, of('UpdateAttribute')[toolHeaders.messageType] ?? '', '')?.name).toBe(
      'syslog',
    );
    expect(of('ConsumeKafka')['Topics']).toBe(topics.enriched);
    const read = of('ConsumeKafka')['Header Name Pattern']?.split('|');
    expect(read).toEqual([headers.tenant, headers.device, headers.type, headers.completes]);
    expect(flow.flowContents.controllerServices[0]?.properties['isolation.level']).toBe('read_committed');
  });
});
