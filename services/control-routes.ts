import { timingSafeEqual } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { alertRuleSchema } from '../contracts/alert-rule.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import { toolTypes } from '../contracts/event.ts';
import { roleSchema, tenantIdSchema } from '../contracts/tenant.ts';
import { rebuildTargets } from '../pipelines/rebuild.ts';
import { parsed } from './control-request.ts';
import { registerConnectorControl } from './control-connectors.ts';
import { registerNotificationControl } from './control-notifications.ts';
import { registerParentControl } from './control-parents.ts';
import { registerWindowControl } from './control-windows.ts';
import type { Operations } from './operations.ts';
import { rebuildLines } from './rebuild-lines.ts';

const filterSchema = z.strictObject({
  tenantId: z.string().optional(),
  stage: z.string().optional(),
  reason: z.string().optional(),
  sender: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(100),
});

const replaySchema = z.strictObject({
  tenantId: z.string().optional(),
  stage: z.string().optional(),
  reason: z.string().optional(),
  sender: z.string().optional(),
  ids: z.array(z.string()).optional(),
  dryRun: z.boolean(),
  maxReplays: z.number().int().min(1),
  ratePerSecond: z.number().positive().max(100_000).optional(),
});

const rebuildSchema = z.strictObject({ target: z.enum(rebuildTargets), dryRun: z.boolean() });

const mintSchema = z.strictObject({
  tenantId: z.string(),
  role: roleSchema,
  deviceId: z.string().optional(),
  ttlMs: z.number().positive().optional(),
});

const identityShape = { tool: z.enum(toolTypes), server: z.string().max(256) };
const identitySchema = z.strictObject(identityShape);
const connectionSchema = z.strictObject({
  ...identityShape,
  tenantId: tenantIdSchema.nullable(),
  scopes: z.record(z.string(), tenantIdSchema),
});
const linkSchema = z.strictObject({
  ...identityShape,
  agentId: z.string().min(1).max(1024),
  tenantId: tenantIdSchema,
  deviceId: z.string().min(1).max(256),
});
const linksSchema = z.strictObject({
  tenantId: tenantIdSchema,
  limit: z.coerce.number().int().min(1).max(10_000).default(100),
  afterId: z.string().optional(),
});

const scopeSchema = z.strictObject({ tenantId: tenantIdSchema });
const ruleSchema = scopeSchema.extend({ rule: alertRuleSchema });
const hoursSchema = z.number().int().min(1).max(72);

const verifySchema = z.strictObject({ waitMs: z.number().int().min(0).max(600_000) });

/**
 * What the command line asks of a running server, under `/control/v1`. The token is made at each start and
 * stands in the data folder, readable by its owner alone: whoever may read the data may do this.
 */
export function registerControl(app: FastifyInstance, operations: Operations, controlToken: string): void {
  const allowed = Buffer.from(`Bearer ${controlToken}`);
  const check = (request: FastifyRequest): void => {
    const given = Buffer.from(request.headers.authorization ?? '');
    if (given.length === allowed.length && timingSafeEqual(given, allowed)) return;
    throw new OpenFrameError('TOKEN_INVALID', 'The control token is wrong: use the one in server.json.');
  };
  const { deadLetters } = operations;
  void app.register(
    (routes, _options, done) => {
      routes.addHook('onRequest', (request, _reply, next) => {
        check(request);
        next();
      });
      routes.get('/dead-letters', (request) => {
        const { limit, ...filter } = parsed(filterSchema, request.query);
        return deadLetters.list(defined(filter), limit);
      });
      routes.get('/dead-letters/reasons', (request) => {
        const { limit: _limit, ...filter } = parsed(filterSchema, request.query);
        return deadLetters.reasons(defined(filter));
      });
      routes.get('/dead-letters/senders', (request) => {
        const { limit: _limit, ...filter } = parsed(filterSchema, request.query);
        return deadLetters.senders(defined(filter));
      });
      routes.get<{ Params: { id: string } }>('/dead-letters/:id', (request) =>
        deadLetters.show(request.params.id),
      );
      routes.post('/dead-letters/replay', (request) => {
        const { dryRun, maxReplays, ratePerSecond, ...filter } = parsed(replaySchema, request.body);
        return deadLetters.replay(defined(filter), { dryRun, maxReplays, ...defined({ ratePerSecond }) });
      });
      registerTools(routes, operations.tools);
      registerRules(routes, operations.rules);
      registerWindowControl(routes, operations.windows);
      registerConnectorControl(routes, operations.connectors);
      registerNotificationControl(routes, operations.notifications);
      registerParentControl(routes, operations.parents);
      routes.get<{ Params: { id: string } }>('/trace/:id', (request) => operations.trace(request.params.id));
      routes.post('/verify', (request) => operations.verify(parsed(verifySchema, request.body)));
      routes.post('/rebuild', (request, reply) => {
        const { target, dryRun } = parsed(rebuildSchema, request.body);
        const lines = rebuildLines((onProgress) => operations.rebuild(target, { dryRun, onProgress }));
        return reply.type('application/x-ndjson').send(Readable.from(lines));
      });
      routes.post('/tokens', (request) => {
        const { tenantId, role, ...rest } = parsed(mintSchema, request.body);
        return operations.mintToken({ tenantId, role, ...defined(rest) });
      });
      routes.get('/pipelines', () => operations.pipelines());
      done();
    },
    { prefix: '/control/v1' },
  );
}

function registerTools(routes: FastifyInstance, tools: Operations['tools']): void {
  routes.get('/tools/connections', () => tools.connections());
  routes.post('/tools/connections', async (request) => {
    const connection = parsed(connectionSchema, request.body);
    await tools.connect(connection);
    return connection;
  });
  routes.post('/tools/connections/remove', async (request) => ({
    removed: await tools.disconnect(parsed(identitySchema, request.body)),
  }));
  routes.get('/tools/links', (request) => {
    const { tenantId, limit, afterId } = parsed(linksSchema, request.query);
    return tools.links({ tenantId }, { limit, ...(afterId === undefined ? {} : { afterId }) });
  });
  routes.post('/tools/links', (request) => {
    const { tool, server, agentId, tenantId, deviceId } = parsed(linkSchema, request.body);
    return tools.link({ tool, server }, agentId, { tenantId, deviceId });
  });
}

function registerRules(routes: FastifyInstance, rules: Operations['rules']): void {
  routes.get('/rules', (request) => rules.list(parsed(scopeSchema, request.query)));
  routes.post('/rules', (request) => {
    const { rule, ...scope } = parsed(ruleSchema, request.body);
    return rules.set(scope, rule);
  });
  routes.post('/rules/remove', async (request) => {
    const { ruleId, ...scope } = parsed(scopeSchema.extend({ ruleId: z.string() }), request.body);
    await rules.remove(scope, ruleId);
    return { removed: ruleId };
  });
  routes.post('/rules/test', (request) => {
    const { rule, hours, ...scope } = parsed(ruleSchema.extend({ hours: hoursSchema }), request.body);
    return rules.test(scope, rule, hours);
  });
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the members that are undefined. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Defined<T>;
}
