import type { ErrorCode } from '../contracts/errors.ts';
import { errorCodes } from '../contracts/errors.ts';
import { z } from 'zod';

/** What a role tells the process that started it, over Node's channel between processes. */
const roleMessageSchema = z.discriminatedUnion('kind', [
  /** It answers `/healthz` here. */
  z.object({ kind: z.literal('listening'), url: z.url() }),
  /** What it waits for, one sentence each. */
  z.object({ kind: z.literal('waiting'), for: z.array(z.string()) }),
  z.object({ kind: z.literal('ready') }),
  /** It ends by a fault that a new start would meet again. */
  z.object({ kind: z.literal('failed'), code: z.enum(errorCodes), message: z.string() }),
]);

export type RoleMessage =
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'waiting'; readonly for: readonly string[] }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };

/** undefined for what is no such message. */
export function parseRoleMessage(message: unknown): RoleMessage | undefined {
  return roleMessageSchema.safeParse(message).data;
}

/** Does nothing where no process of ours started this one. */
export function tellStarter(message: RoleMessage): void {
  if (process.connected) process.send?.(message);
}
