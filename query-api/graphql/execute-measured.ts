import {
  execute,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  OperationTypeNode,
} from 'graphql';

import type { GraphContext } from './graph-context.ts';

/** Executes an operation. A query first finds out how complete its answer is at least; `formatResult` says it. */
export async function executeMeasured(args: ExecutionArgs): Promise<ExecutionResult> {
  const operation = getOperationAST(args.document, args.operationName);
  if (operation?.operation === OperationTypeNode.QUERY) {
    const context = args.contextValue as GraphContext;
    context.completeness = await context.stores.completeness(context.principal);
  }
  return execute(args);
}
