import { OpenFrameError } from '../contracts/errors.ts';
import {
  checkedName,
  type Connector,
  connectorId,
  type ConnectorName,
  type ConnectorState,
  createConnectorRegistry,
  freshState,
} from '../integrations/connector-registry.ts';
import type { SecretBox } from '../integrations/sealed-secret.ts';
import { toolOfKind } from '../integrations/tool-reader.ts';
import type { DocumentStore } from '../stores/documents.ts';
import { createToolDirectory, type ToolConnection } from '../stores/tool-directory.ts';
import type { Clock } from '../streams/clock.ts';

/** A server to read, and whose its events are. */
export interface ConnectRequest extends ConnectorName {
  readonly url: string;
  /** Empty where the secret says who it is. */
  readonly user: string;
  readonly secret: string;
  readonly ca: string | null;
  /** How far back the first reading goes. */
  readonly backMs: number;
  readonly pollMs: number;
  readonly tenantId: string | null;
  readonly scopes: Readonly<Record<string, string>>;
}

/** A connector as people see it: without its secret. */
export interface ConnectorView extends Pick<Connector, 'kind' | 'server' | 'url' | 'user' | 'pollMs'> {
  readonly tenantId: string | null;
  readonly scopes: Readonly<Record<string, string>>;
  readonly status: ConnectorState;
}

export interface ConnectorOperations {
  /**
   * Signs in once, then has the server read from then on; one of that name is replaced and goes on where it was.
   * Throws `TOOL_REFUSED` or `TOOL_UNAVAILABLE` where signing in failed, and `ARGUMENT_INVALID` for a request that
   * cannot be or a name that another tenant's server has: nothing is changed then.
   */
  connect(request: ConnectRequest): Promise<ConnectorView>;
  list(): Promise<readonly ConnectorView[]>;
  /** Forgets secret and cursor; false where there was none. Whose the server's events are stays said. */
  remove(name: ConnectorName): Promise<boolean>;
}

const checkWithinMs = 120_000;

export function createConnectorOperations(deps: {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly secrets: SecretBox;
}): ConnectorOperations {
  const { documents, clock, secrets } = deps;
  const registry = createConnectorRegistry(documents);
  const directory = createToolDirectory({ documents, clock });
  const identityOf = ({ kind, server }: ConnectorName) => ({ tool: toolOfKind[kind], server });
  const view = async (connector: Connector): Promise<ConnectorView> => {
    const { kind, server, url, user, pollMs } = connector;
    const connection = await directory.connection(identityOf(connector));
    return {
      ...{ kind, server, url, user, pollMs },
      tenantId: connection?.tenantId ?? null,
      scopes: connection?.scopes ?? {},
      status: (await registry.state(connector)) ?? freshState,
    };
  };
  return {
    async connect(request) {
      const name = checkedName({ kind: request.kind, server: request.server });
      const { tenantId, scopes, url, user, secret, ca, pollMs } = request;
      checkOwner(request, await directory.connection(identityOf(name)));
      const nowMs = clock.nowMs();
      const sinceMs = nowMs - request.backMs;
      const { openReader } = await import('../integrations/open-reader.ts');
      await using reader = openReader(
        name.kind,
        { url, user, secret, sinceMs, ...(ca === null ? {} : { ca }) },
        clock,
      );
      const { account, remarks } = await reader.check(AbortSignal.timeout(checkWithinMs));
      const before = await registry.get(name);
      const connector: Connector = {
        ...name,
        ...{ url, user, ca, pollMs },
        secret: secrets.seal(connectorId(name), secret),
        sinceMs: before?.sinceMs ?? sinceMs,
        sinceConnectedMs: before?.sinceConnectedMs ?? nowMs,
        revision: Math.max(nowMs, (before?.revision ?? 0) + 1),
      };
      await directory.connect({ ...identityOf(name), tenantId, scopes });
      const state = (await registry.state(connector)) ?? freshState;
      await registry.setState(connector, {
        ...state,
        ...{ state: 'starting', account, fault: null, remark: remarks.join(' ') || null },
      });
      await registry.put(connector);
      return await view(connector);
    },
    async list() {
      return Promise.all((await registry.list()).map(view));
    },
    remove: async (name) => registry.remove(checkedName(name)),
  };
}

/** A name is one server's: under a second tenant's hand it would take the first one's events. */
function checkOwner(request: ConnectRequest, connection: ToolConnection | null): void {
  if (request.tenantId === null && Object.keys(request.scopes).length === 0) {
    throw new OpenFrameError('ARGUMENT_INVALID', 'Name a tenant with --tenant, with --scope, or both.');
  }
  if (connection === null || connection.tenantId === request.tenantId) return;
  throw new OpenFrameError(
    'ARGUMENT_INVALID',
    `${request.server} is connected for ${connection.tenantId ?? 'the tenants of its scopes'} already: name this one otherwise with --server, or disconnect that one with openframe tools disconnect.`,
  );
}
