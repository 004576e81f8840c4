import { type ExecutionArgs, GraphQLError, type GraphQLSchema, subscribe } from 'graphql';
import { makeServer } from 'graphql-ws';
import type { WebSocket } from 'ws';

import { isRetryable, OpenFrameError } from '../../contracts/errors.ts';
import type { Principal } from '../../contracts/tenant.ts';
import type { Clock } from '../../streams/clock.ts';
import { checkOperation, parseOperation } from './check-operation.ts';
import { executeMeasured } from './execute-measured.ts';
import { createGraphContext, type GraphContext, type GraphStores } from './graph-context.ts';
import { formatGraphError, graphErrorOf } from './graph-errors.ts';
import type { RefusalBudget } from './refusal-budget.ts';
import { formatResult } from './run-over-http.ts';
import type { RunPaced } from './tenant-pace.ts';

export interface GraphSocketDeps {
  readonly schema: GraphQLSchema;
  readonly stores: GraphStores;
  readonly clock: Clock;
  readonly budget: RefusalBudget;
  readonly runPaced: RunPaced;
  readonly stopped: AbortSignal;
  readonly onFault: (error: unknown) => void;
}

export interface GraphSocketCaller {
  /** Who opens, given the token of the first message (undefined: that of the handshake). Throws `TOKEN_INVALID`. */
  readonly signIn: (authorization: string | undefined) => Promise<Principal>;
}

/** Operations of one connection at the same time. */
const operationsAtOnce = 20;
const initWaitMs = 5_000;
const pingMs = 15_000;
/** Close codes of the protocol (graphql-transport-ws) and of WebSocket. */
const forbidden = 4403;
const internalFault = 4500;
const tryAgainLater = 1013;

interface Extra extends GraphSocketCaller {
  readonly gone: AbortSignal;
  principal?: Principal;
  readonly contexts: Map<string, GraphContext>;
}

/**
 * Serves connections that speak `graphql-transport-ws`. Each message waits until the one before has left, so a
 * slow reader holds back its own streams and no other's.
 */
export function createGraphSocketServer(
  deps: GraphSocketDeps,
): (socket: WebSocket, caller: GraphSocketCaller) => void {
  const server = makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: initWaitMs,
    async execute(args) {
      const { principal } = args.contextValue as GraphContext;
      const { result } = await deps.runPaced(principal, async () => {
        const executed = await executeMeasured(args);
        return { result: executed, text: JSON.stringify(executed) };
      });
      return result;
    },
    subscribe,
    async onConnect({ connectionParams, extra }) {
      const given = connectionParams?.['authorization'] ?? connectionParams?.['Authorization'];
      try {
        extra.principal = await extra.signIn(typeof given === 'string' ? given : undefined);
        return true;
      } catch (error) {
        if (error instanceof OpenFrameError && !isRetryable(error)) return false;
        throw error;
      }
    },
    onSubscribe: ({ extra }, id, { query, operationName, variables }) =>
      prepare(deps, extra, id, { query, operationName, variables }),
    onNext: ({ extra }, id, _payload, _args, result) => {
      const context = extra.contexts.get(id);
      return context === undefined ? undefined : formatResult(result, context, deps.onFault);
    },
    onError: (_context, _id, _payload, errors) =>
      errors.map((error) => formatGraphError(error, deps.onFault)),
    onComplete: ({ extra }, id) => void extra.contexts.delete(id),
  });
  return (socket, caller) => {
    const gone = new AbortController();
    const extra: Extra = { ...caller, gone: gone.signal, contexts: new Map() };
    const pings = keepAlive(socket, deps.clock, gone.signal);
    const stop = (): void => socket.close(tryAgainLater, 'the server stops');
    deps.stopped.addEventListener('abort', stop, { once: true });
    const closed = server.opened(wireOf(socket, deps.onFault), extra);
    socket.once('error', () => socket.terminate());
    socket.once('close', (code, reason) => {
      deps.stopped.removeEventListener('abort', stop);
      gone.abort();
      closed(code, String(reason)).catch(deps.onFault);
      pings.catch(deps.onFault);
    });
  };
}

interface Asked {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
}

function prepare(
  { schema, stores, budget, stopped }: GraphSocketDeps,
  extra: Extra,
  id: string,
  { query, operationName, variables }: Asked,
): ExecutionArgs | readonly GraphQLError[] {
  const { principal, gone, contexts } = extra;
  if (principal === undefined)
    return [graphErrorOf(new OpenFrameError('TOKEN_INVALID', 'Nobody signed in.'))];
  if (contexts.size >= operationsAtOnce) return [graphErrorOf(tooMany())];
  try {
    budget.check(principal);
    const document = parseOperation(query);
    const faults = checkOperation(schema, document, variables);
    if (faults.length > 0) {
      budget.refused(principal, query.length);
      return faults;
    }
    const contextValue = createGraphContext(stores, principal, AbortSignal.any([gone, stopped]));
    contexts.set(id, contextValue);
    return { schema, document, contextValue, operationName, variableValues: variables ?? {} };
  } catch (error) {
    if (error instanceof OpenFrameError) return [graphErrorOf(error)];
    if (!(error instanceof GraphQLError)) throw error;
    budget.refused(principal, query.length);
    return [error];
  }
}

function tooMany(): OpenFrameError {
  return new OpenFrameError(
    'QUOTA_EXCEEDED',
    `This connection runs ${operationsAtOnce} operations already: end one first, or open another connection.`,
    { details: { limit: operationsAtOnce } },
  );
}

function wireOf(socket: WebSocket, onFault: (error: unknown) => void) {
  return {
    protocol: socket.protocol,
    send: (text: string) =>
      new Promise<void>((resolve, reject) => {
        if (socket.readyState !== socket.OPEN) return resolve();
        socket.send(text, (error) => (error ? reject(error) : resolve()));
      }),
    close: (code: number, reason: string) => socket.close(code, reason),
    onMessage: (take: (text: string) => Promise<void>) => {
      socket.on('message', (data: Buffer) => {
        take(data.toString('utf8')).catch((error: unknown) => {
          if (error instanceof OpenFrameError && error.code.startsWith('TOKEN')) {
            return socket.close(forbidden, 'Forbidden');
          }
          onFault(error);
          socket.close(internalFault, 'Internal server error');
        });
      });
    },
  };
}

/** Cuts a connection whose other end is gone without a word. */
async function keepAlive(socket: WebSocket, clock: Clock, gone: AbortSignal): Promise<void> {
  let answered = true;
  socket.on('pong', () => (answered = true));
  for (;;) {
    await clock.sleep(pingMs, gone);
    if (gone.aborted) return;
    if (!answered) return socket.terminate();
    answered = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }
}
