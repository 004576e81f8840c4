/** The part of graphql-helix that is used: its own declarations are not among its package's `exports`. */
declare module 'graphql-helix' {
  import type { DocumentNode, ExecutionArgs, ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';

  export interface Request {
    readonly body?: unknown;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly method: string;
    readonly query: unknown;
  }

  export interface GraphQLParameters {
    readonly operationName?: string;
    readonly query?: string;
    readonly variables?: string | Readonly<Record<string, unknown>>;
  }

  /** As the request has them: unchecked. */
  export function getGraphQLParameters(request: Request): GraphQLParameters;

  export interface ProcessRequestOptions extends GraphQLParameters {
    readonly schema: GraphQLSchema;
    readonly request: Request;
    readonly parse?: (text: string) => DocumentNode;
    readonly validate?: (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[];
    readonly contextFactory?: () => unknown;
    readonly execute?: (args: ExecutionArgs) => Promise<ExecutionResult>;
    readonly subscribe?: (args: ExecutionArgs) => Promise<AsyncIterable<ExecutionResult> | ExecutionResult>;
  }

  export type ProcessRequestResult =
    | { readonly type: 'RESPONSE'; readonly status: number; readonly payload: ExecutionResult }
    | {
        readonly type: 'PUSH' | 'MULTIPART_RESPONSE';
        readonly subscribe: (onResult: (result: ExecutionResult) => void) => Promise<void>;
      };

  export function processRequest(options: ProcessRequestOptions): Promise<ProcessRequestResult>;

  export function renderGraphiQL(options: {
    readonly nonce?: string;
    readonly endpoint?: string;
    /** JSON of an object. */
    readonly headers?: string;
    readonly defaultQuery?: string;
    readonly hybridSubscriptionTransportConfig?: { readonly transportWS?: string };
  }): string;
}
