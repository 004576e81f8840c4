import type { TenantScope } from '../contracts/tenant.ts';
import type { CheckedEvent } from './cloud-event.ts';

/** A body as a tool sent it. */
export interface ToolBody {
  /** A name of the table of formats, such as `fleet-webhook`. */
  readonly format: string;
  /** What the sender calls the tool's server. */
  readonly server: string;
  readonly bytes: Uint8Array;
  readonly receivedMs: number;
}

/** Decodes bodies of tools: given from above, since the gateway knows no tool. */
export interface ToolBodies {
  readonly formats: readonly string[];
  /** Throws `EVENT_INVALID` where the body as a whole cannot be decoded, with the reason in `details`. */
  decode(scope: TenantScope, body: ToolBody): Promise<readonly CheckedEvent[]>;
}
