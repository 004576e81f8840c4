import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

const answerSchema = z.looseObject({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(
      z.looseObject({
        message: z.string(),
        path: z.array(z.union([z.string(), z.number()])).optional(),
        extensions: z.looseObject({
          code: z.string(),
          details: z.record(z.string(), z.unknown()).optional(),
        }),
      }),
    )
    .optional(),
});
export type GraphAnswer = z.infer<typeof answerSchema> & { readonly status: number };

/** Asks `/graphql` of an app as a caller does. Tokens read `<tenant>.<role>`. */
export async function askGraph(
  app: FastifyInstance,
  query: string,
  {
    token = 'acme.technician',
    variables = {},
  }: { readonly token?: string; readonly variables?: Readonly<Record<string, unknown>> } = {},
): Promise<GraphAnswer> {
  const response = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { authorization: `Bearer ${token}` },
    payload: { query, variables },
  });
  return { ...answerSchema.parse(response.json()), status: response.statusCode };
}

/** The data of an answer without errors; throws otherwise. */
export async function graphData(
  app: FastifyInstance,
  query: string,
  options?: Parameters<typeof askGraph>[2],
): Promise<Readonly<Record<string, unknown>>> {
  const { data, errors } = await askGraph(app, query, options);
  if (data === null || data === undefined || errors !== undefined) {
    throw new Error(`${query} answered ${JSON.stringify(errors)}.`);
  }
  return data;
}
