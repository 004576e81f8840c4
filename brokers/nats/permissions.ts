import { telemetryStream } from '../../contracts/topics.ts';
import { subjectToken, telemetryRoot } from './subjects.ts';

/** A user's rights, in the form of the server's configuration and of a user's JWT. */
export interface NatsPermissions {
  readonly publish: { readonly allow?: readonly string[]; readonly deny?: readonly string[] };
  readonly subscribe: { readonly allow: readonly string[] };
}

export interface DeviceOfTenant {
  readonly tenantId: string;
  readonly deviceId: string;
  /** The deployment's prefix of names. Default: none. */
  readonly prefix?: string;
}

/**
 * What the user of a device that listens to NATS itself may do: read what is stored of it, and the answers in its own
 * inbox (`deviceInboxPrefix`, for the client's `inboxPrefix`). It publishes nothing. JetStream knows a message by its
 * `Nats-Msg-Id` in the whole stream, whatever the subject: a device that could write below its own subject could give
 * its message the id of another tenant's event, which would then pass for a duplicate and be lost.
 */
export function devicePermissions(device: DeviceOfTenant): NatsPermissions {
  const { prefix = '', tenantId, deviceId } = device;
  const own = `${prefix}${telemetryRoot}.${subjectToken(tenantId)}.${subjectToken(deviceId)}.>`;
  return {
    publish: { deny: ['>'] },
    subscribe: { allow: [own, `${deviceInboxPrefix(device)}.>`] },
  };
}

/** Under which a device's client makes its inboxes. */
export function deviceInboxPrefix({ prefix = '', tenantId, deviceId }: DeviceOfTenant): string {
  return `_INBOX_DEVICE.${prefix}${subjectToken(tenantId)}.${subjectToken(deviceId)}`;
}

/**
 * What the user of a role may do: every role declares the stream and reads it; the gateway alone writes it.
 * Subscriptions are to the answers and, for readers, to the calls of the reader that comes next.
 */
export function rolePermissions(role: 'gateway' | 'reader', prefix = ''): NatsPermissions {
  const stream = prefix + telemetryStream;
  const api = [
    '$JS.API.INFO',
    `$JS.API.STREAM.*.${stream}`,
    `$JS.API.CONSUMER.*.${stream}`,
    `$JS.API.CONSUMER.*.${stream}.>`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.>`,
    `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.>`,
    `$JS.API.DIRECT.GET.${stream}`,
    `$JS.API.DIRECT.GET.${stream}.>`,
  ];
  const calls = `_OPENFRAME.READER.${stream}.>`;
  return role === 'gateway'
    ? {
        publish: { allow: [...api, `${prefix}${telemetryRoot}.>`, `${prefix}machine.*.heartbeat`] },
        subscribe: { allow: ['_INBOX.>'] },
      }
    : {
        publish: { allow: [...api, `$JS.ACK.${stream}.>`, calls, '_INBOX.>'] },
        subscribe: { allow: ['_INBOX.>', calls] },
      };
}
