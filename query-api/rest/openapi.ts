import { z } from 'zod';

import { errorCodes } from '../../contracts/errors.ts';
import { problemMediaType } from '../../contracts/problem.ts';
import { sessionCookieName } from './reader-sign-in.ts';
import { jsonType, type RestRoute } from './route.ts';

type Json = Record<string, unknown>;

const apiVersion = '1.0.0';
const apiPrefix = '/api/v1';

const problemSchema = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(errorCodes),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Problem' });

/** Why a reading route refuses, by status. */
const refusals: Readonly<Record<string, string>> = {
  '400': 'A parameter is wrong: `details.field` names it.',
  '401': 'No token, or one that is not valid.',
  '403': 'The token may not do this.',
  '404': 'This tenant has nothing of that name.',
  '409': 'What is asked for does not fit the state that the thing is in.',
  '503': 'A store is away for the moment: try again.',
};

/** The routes as an OpenAPI 3.1 document: made from the very schemas that requests are checked with. */
export function openApiOf(routes: readonly RestRoute[]): Json {
  const components = new Map<string, unknown>();
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = (paths[`${apiPrefix}${route.path}`] ??= {});
    path[route.method.toLowerCase()] = operationOf(route, components);
  }
  const problem = schemaOf(problemSchema, 'output', components);
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'OpenFrame query API',
      version: apiVersion,
      description:
        "Questions about events, devices, measurements, alerts and pipelines. Every answer is the token's tenant's alone.",
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(components),
      responses: Object.fromEntries(
        Object.entries(refusals).map(([status, description]) => [
          `Problem${status}`,
          { description, content: { [problemMediaType]: { schema: problem } } },
        ]),
      ),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: sessionCookieName,
          description: 'For GET; for others with the header X-OpenFrame-CSRF.',
        },
      },
    },
  };
  return JSON.parse(JSON.stringify(document).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
}

function operationOf(route: RestRoute, components: Map<string, unknown>): Json {
  const { answer } = route;
  const refused =
    route.access === 'anyone'
      ? ['400', '401', '403']
      : Object.keys(refusals).filter((status) => status !== '409' || route.method === 'POST');
  const parameters = [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')];
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    security: route.access === 'reader' ? [{ bearer: [] }, { session: [] }] : [],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: bodyOf(route.body, components) }),
    responses: {
      [answer.status]: { description: answer.description, ...contentOf(answer.content, components) },
      ...Object.fromEntries(
        refused.map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
      ),
    },
  };
}

function parametersOf(schema: z.ZodObject, place: 'path' | 'query'): Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', override: keepDefault });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property as Json;
    const isList = rest['type'] === 'array';
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      ...(isList ? { style: 'form', explode: false } : {}),
      schema: rest,
    };
  });
}

/** Zod leaves the default of a converted value out, as it may be no input; ours are what a caller could have sent. */
function keepDefault({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: Json }): void {
  const fallback = z.globalRegistry.get(zodSchema)?.['default'];
  if (fallback !== undefined) jsonSchema['default'] = fallback;
}

function bodyOf(schema: z.ZodObject, components: Map<string, unknown>): Json {
  return { required: true, content: { [jsonType]: { schema: schemaOf(schema, 'input', components) } } };
}

function contentOf(content: RestRoute['answer']['content'], components: Map<string, unknown>): Json {
  const entries = Object.entries(content).map(([mediaType, schema]) => [
    mediaType,
    { schema: schema === null ? { type: 'string' } : schemaOf(schema, 'output', components) },
  ]);
  return entries.length === 0 ? {} : { content: Object.fromEntries(entries) as Json };
}

/** A schema with its named parts moved to the document's components. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', components: Map<string, unknown>): Json {
  const { $schema, $defs = {}, ...rest } = z.toJSONSchema(schema, { io }) as Json;
  void $schema;
  for (const [name, part] of Object.entries($defs as Json)) components.set(name, part);
  return rest;
}
