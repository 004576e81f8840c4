import { request } from 'undici';

import type { KeptRule } from '../contracts/alert-rule.ts';
import { type ErrorCode, errorCodes, OpenFrameError } from '../contracts/errors.ts';
import type { RuleTrial } from '../contracts/rule-trial.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import type { DeadLetterStore } from '../pipelines/dead-letter-store.ts';
import type { PipelineStatus } from '../contracts/pipeline.ts';
import type { ToolConnection, ToolDeviceLink } from '../stores/tool-directory.ts';
import type { Trace } from '../pipelines/trace.ts';
import type { VerifyReport } from '../pipelines/verify.ts';
import type { ConnectorView } from './connector-operations.ts';
import type { ServerAddress } from './data-folder.ts';
import type { Operations } from './operations.ts';
import { readRebuildLines } from './rebuild-lines.ts';

/** The operations of a running server, over its control routes. */
export function createOperationsClient(server: ServerAddress): Operations {
  const ask = (method: 'GET' | 'POST', path: string, body?: object) =>
    request(`${server.url}/control/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${server.controlToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  const call = async <T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> => {
    const response = await ask(method, path, body);
    const answer = await response.body.json();
    if (response.statusCode < 300) return answer as T;
    throw problemAsError(answer);
  };
  const query = (filter: object): string =>
    new URLSearchParams(
      Object.entries(filter).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, String(value)] as [string, string]],
      ),
    ).toString();
  const deadLetters: DeadLetterStore = {
    list: (filter, limit) => call('GET', `/dead-letters?${query({ ...filter, limit })}`),
    reasons: (filter) => call('GET', `/dead-letters/reasons?${query(filter)}`),
    senders: (filter) => call('GET', `/dead-letters/senders?${query(filter)}`),
    show: (id) => call('GET', `/dead-letters/${encodeURIComponent(id)}`),
    replay: (filter, options) => call('POST', '/dead-letters/replay', { ...filter, ...options }),
  };
  return {
    deadLetters,
    tools: toolsClient(call, query),
    rules: {
      list: (scope) => call<readonly KeptRule[]>('GET', `/rules?${query(scope)}`),
      set: (scope, rule) => call<KeptRule>('POST', '/rules', { tenantId: scope.tenantId, rule }),
      remove: async (scope, ruleId) => void (await call('POST', '/rules/remove', { ...scope, ruleId })),
      test: (scope, rule, hours) =>
        call<RuleTrial>('POST', '/rules/test', { tenantId: scope.tenantId, rule, hours }),
    },
    windows: windowsClient(call, query),
    connectors: connectorsClient(call),
    notifications: notificationsClient(call, query),
    parents: parentsClient(call, query),
    trace: (eventId) => call<Trace>('GET', `/trace/${encodeURIComponent(eventId)}`),
    verify: ({ waitMs, onProgress }) => {
      onProgress?.('the server compares what it accepted with what its stores hold');
      return call<VerifyReport>('POST', '/verify', { waitMs });
    },
    rebuild: async (target, { dryRun, onProgress }) => {
      const response = await ask('POST', '/rebuild', { target, dryRun });
      if (response.statusCode >= 300) throw problemAsError(await response.body.json());
      return readRebuildLines(response.body, onProgress);
    },
    mintToken: (request) => call<{ readonly token: string }>('POST', '/tokens', request),
    pipelines: () => call<readonly PipelineStatus[]>('GET', '/pipelines'),
  };
}

type Call = <T>(method: 'GET' | 'POST', path: string, body?: object) => Promise<T>;

function toolsClient(call: Call, query: (filter: object) => string): Operations['tools'] {
  return {
    connections: () => call<readonly ToolConnection[]>('GET', '/tools/connections'),
    connect: async (connection) => void (await call('POST', '/tools/connections', connection)),
    disconnect: async (identity) =>
      (await call<{ readonly removed: boolean }>('POST', '/tools/connections/remove', identity)).removed,
    link: (identity, agentId, device) =>
      call<ToolDeviceLink>('POST', '/tools/links', {
        tool: identity.tool,
        server: identity.server,
        agentId,
        tenantId: device.tenantId,
        deviceId: device.deviceId,
      }),
    links: ({ tenantId }, options) =>
      call<readonly ToolDeviceLink[]>('GET', `/tools/links?${query({ tenantId, ...options })}`),
  };
}

function windowsClient(call: Call, query: (filter: object) => string): Operations['windows'] {
  const named = ({ tenantId }: TenantScope, windowId: string) => ({ tenantId, windowId });
  return {
    list: ({ tenantId }) => call('GET', `/windows?${query({ tenantId })}`),
    set: ({ tenantId }, window) => call('POST', '/windows', { tenantId, window }),
    end: (scope, windowId) => call('POST', '/windows/end', named(scope, windowId)),
    remove: async (scope, windowId) => void (await call('POST', '/windows/remove', named(scope, windowId))),
  };
}

function notificationsClient(call: Call, query: (filter: object) => string): Operations['notifications'] {
  const named = ({ tenantId }: TenantScope, targetId: string) => ({ tenantId, targetId });
  return {
    targets: ({ tenantId }) => call('GET', `/notifications/targets?${query({ tenantId })}`),
    set: ({ tenantId }, target) => call('POST', '/notifications/targets', { tenantId, target }),
    remove: async (scope, targetId) =>
      void (await call('POST', '/notifications/targets/remove', named(scope, targetId))),
    test: (scope, targetId) => call('POST', '/notifications/targets/test', named(scope, targetId)),
    list: ({ tenantId }) => call('GET', `/notifications?${query({ tenantId })}`),
  };
}

function parentsClient(call: Call, query: (filter: object) => string): Operations['parents'] {
  return {
    list: ({ tenantId }) => call('GET', `/parents?${query({ tenantId })}`),
    set: ({ tenantId }, parent) => call('POST', '/parents', { tenantId, parent }),
    remove: async ({ tenantId }, parentId) =>
      void (await call('POST', '/parents/remove', { tenantId, parentId })),
  };
}

function connectorsClient(call: Call): Operations['connectors'] {
  return {
    connect: (request) => call<ConnectorView>('POST', '/connectors', request),
    list: () => call<readonly ConnectorView[]>('GET', '/connectors'),
    remove: async (name) =>
      (await call<{ readonly removed: boolean }>('POST', '/connectors/remove', name)).removed,
  };
}

function problemAsError(answer: unknown): OpenFrameError {
  const problem = answer as { code?: unknown; detail?: unknown };
  const code = errorCodes.find((known) => known === problem.code) ?? ('INTERNAL' satisfies ErrorCode);
  return new OpenFrameError(code, typeof problem.detail === 'string' ? problem.detail : 'The server failed.');
}
