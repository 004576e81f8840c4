import { OpenFrameError } from '../contracts/errors.ts';
import type { TenantScope } from '../contracts/tenant.ts';
import { deviceAt, type ToolDirectory } from '../stores/tool-directory.ts';
import type { ToolEvent } from './decoders/decoded.ts';
import { toolFormats } from './decoders/formats.ts';
import { sourceOf } from './place-event.ts';
import { faultOf, storable } from './tool-event-limits.ts';

/** A tool's event as the door takes it. */
export interface BodyEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly timeMs: number;
  /** Empty where the event is about no device, or about one that is not linked. */
  readonly deviceId: string;
  readonly agentId: '';
  readonly dataJson: string;
  readonly tool: { readonly name: string; readonly userId?: string };
}

/** Formats whose bodies need no second row: those of databases come by a change stream. */
export const bodyFormats: readonly string[] = toolFormats
  .map(({ name }) => name)
  .filter((name) => name !== 'fleet-host-activity');

/**
 * Decodes the body of a webhook or a log destination for the tenant that its token is of. All or nothing: throws
 * `EVENT_INVALID` with the decoder's reason where any of it cannot be decoded or stored.
 */
export async function decodeBody(
  directory: Pick<ToolDirectory, 'device'>,
  scope: TenantScope,
  body: {
    readonly format: string;
    readonly server: string;
    readonly bytes: Uint8Array;
    readonly receivedMs: number;
  },
): Promise<readonly BodyEvent[]> {
  const format = toolFormats.find(({ name }) => name === body.format);
  if (format === undefined) throw refusal('FORMAT_UNKNOWN', body.format);
  const { bytes, receivedMs, server } = body;
  const result = format.decode({ bytes, receivedMs, connection: server });
  if (result.kind === 'refused') throw refusal(result.reason, result.detail ?? '');
  if (result.kind !== 'events') return [];
  return Promise.all(result.events.map((event) => bodyEvent(directory, scope, event, receivedMs)));
}

async function bodyEvent(
  directory: Pick<ToolDirectory, 'device'>,
  scope: TenantScope,
  event: ToolEvent,
  receivedMs: number,
): Promise<BodyEvent> {
  const fault = faultOf(event, receivedMs);
  const dataJson = storable(event.data);
  if (fault !== null || dataJson === null) throw refusal(fault ?? 'EVENT_TOO_LARGE', event.id.slice(0, 60));
  const agentId = event.data.device?.agentId;
  const link = agentId === undefined ? null : await directory.device(event, agentId);
  const device = link === null ? null : deviceAt(link, event.timeMs);
  const userId = event.data.actor?.id;
  return {
    id: event.id,
    source: sourceOf(event),
    type: event.sourceType,
    time: new Date(event.timeMs).toISOString(),
    timeMs: event.timeMs,
    deviceId: device?.tenantId === scope.tenantId ? device.deviceId : '',
    agentId: '',
    dataJson,
    tool: { name: event.tool, ...(userId === undefined ? {} : { userId }) },
  };
}

function refusal(reason: string, detail: string): OpenFrameError {
  return new OpenFrameError('EVENT_INVALID', `The body cannot be decoded (${reason}): ${detail}`, {
    details: { reason },
  });
}
