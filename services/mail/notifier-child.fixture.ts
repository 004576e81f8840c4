/* A process that tells what is due, for tests that kill it: documents file, SMTP port, and how far its clock is ahead. */
import { createSecretBox } from '../../integrations/sealed-secret.ts';
import { createAlertRegistry } from '../../stores/alert-registry.ts';
import { createEmbeddedDocuments } from '../../stores/embedded/documents.ts';
import { createSystemClock } from '../../streams/clock.ts';
import { openNotifications } from '../notifications.ts';
import { startNotifier } from '../notifier.ts';
import { createMailSender } from './mail-sender.ts';

const [path = '', port = '', aheadMs = ''] = process.argv.slice(2);
const system = createSystemClock();
const clock = { ...system, nowMs: () => system.nowMs() + Number(aheadMs) };
const documents = createEmbeddedDocuments({ path });
const notifications = openNotifications(documents, createAlertRegistry({ documents, clock }), clock);
const secrets = createSecretBox({
  key: () => new Uint8Array(32),
  randomBytes: (size) => new Uint8Array(size),
});
const server = {
  host: '127.0.0.1',
  port: Number(port),
  secure: false,
  from: 'openframe@msp.example',
  auth: null,
};
const mail = createMailSender(server, undefined);
startNotifier({
  ...notifications,
  secrets,
  mail,
  clock,
  onFault: (message) => process.stderr.write(message),
});
