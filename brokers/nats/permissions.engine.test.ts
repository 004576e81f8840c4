import {
  connect,
  headers as natsHeaders,
  type NatsConnection,
  PermissionViolationError,
} from '@nats-io/transport-node';
import { expect, it } from 'vitest';

import { readerOf, recordsOf, sealed } from '../../conformance/batches.ts';
import { message, messages } from '../../conformance/messaging-laws/subject.ts';
import { headers } from '../../contracts/topics.ts';
import { clock, hostPort, roomyLimits } from './nats-subject.fixture.ts';
import { createNatsMessaging } from './messaging.ts';
import { startOwnServer } from './own-server.fixture.ts';
import { deviceInboxPrefix, devicePermissions, rolePermissions } from './permissions.ts';
import { subjectOf } from './subjects.ts';

const prefix = 'own_';
const device = { prefix, tenantId: 'acme', deviceId: 'laptop-1' };
const users = {
  gateway: rolePermissions('gateway', prefix),
  relay: rolePermissions('reader', prefix),
  device: devicePermissions(device),
};
const password = 'test';

/** Signs in those above; whoever does not sign in may ask for JetStream's account, and nothing else. */
function configuration(): string {
  const asked = { publish: { allow: ['$JS.API.INFO'] }, subscribe: { allow: ['_INBOX.>'] } };
  const list = Object.entries({ ...users, nobody: asked }).map(([user, permissions]) => ({
    user,
    password,
    permissions,
  }));
  return `authorization { users: ${JSON.stringify(list)} }\nno_auth_user: nobody`;
}

it('lets the gateway alone write the stream, the relay read it, and a device read what is its own', async () => {
  await using stack = new AsyncDisposableStack();
  const { address } = await startOwnServer(stack, { more: configuration() });
  const as = async (username: 'gateway' | 'relay') =>
    stack.use(
      await createNatsMessaging({
        servers: [address],
        credentials: { username, password },
        clock,
        options: roomyLimits,
        prefix,
        consumers: ['relay'],
      }),
    );
  const [gateway, relay] = [await as('gateway'), await as('relay')];
  expect(await gateway.publish(messages(1, 2))).toEqual({ stored: 2, duplicates: 0 });
  await relay.consume('relay');
  const reader = readerOf(await (await as('relay')).consume('relay'), () => clock.sleep(20), 10);
  const batch = await reader.next();
  expect(recordsOf(batch)).toHaveLength(2);
  await batch.ack();
  expect((await relay.status()).consumers).toEqual({ relay: 3 });
  await expect(relay.publish(messages(3))).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });

  const { host, port } = hostPort(address);
  const nc = await connect({
    servers: `${host}:${port}`,
    user: 'device',
    pass: password,
    inboxPrefix: deviceInboxPrefix(device),
  });
  stack.defer(() => nc.close());
  // Its own subject, and another device's: either way the id would be known in the whole stream.
  for (const subject of [
    subjectOf(prefix, 'acme', 'laptop-1', 'x'),
    subjectOf(prefix, 'acme', 'other', 'x'),
  ]) {
    await expect(refusalOf(nc, subject)).resolves.toBe(subject);
  }
  expect(await gateway.publish(messages(3))).toEqual({ stored: 1, duplicates: 0 });

  const heard = nc.subscribe(subjectOf(prefix, 'acme', 'laptop-1', 'openframe.log'), { max: 1 });
  await nc.flush();
  const ofDevice = {
    ...message(4).headers,
    [headers.tenant]: 'acme',
    [headers.device]: 'laptop-1',
    [headers.type]: 'openframe.log',
  };
  await gateway.publish(sealed({ ...message(4), headers: ofDevice }));
  const told: string[] = [];
  for await (const msg of heard) told.push(msg.string());
  expect(told).toEqual(['m4']);
}, 240_000);

/** Publishes with the id of somebody's event; resolves to the subject that the server refuses. */
async function refusalOf(nc: NatsConnection, subject: string): Promise<string> {
  const refused = Promise.withResolvers<string>();
  const listen = async (): Promise<void> => {
    for await (const status of nc.status()) {
      if (status.type !== 'error') continue;
      const { error } = status;
      if (error instanceof PermissionViolationError) refused.resolve(error.subject);
    }
  };
  listen().catch(refused.reject);
  const own = natsHeaders();
  own.set('Nats-Msg-Id', message(3).headers[headers.eventId]);
  nc.publish(subject, 'forged', { headers: own });
  await nc.flush();
  return refused.promise;
}
