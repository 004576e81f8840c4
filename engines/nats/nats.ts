import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Engine, loopback } from '../engine.ts';
import { natsAnswers } from './nats-answers.ts';

/** What is acknowledged is on disk: the default syncs every two minutes and loses the rest at a power cut. */
const syncInterval = 'always';
const largestPayload = '8MB';

export const nats: Engine<'client' | 'monitor'> = {
  name: 'nats',
  defaultPorts: { client: 4222, monitor: 8222 },
  needsJava: false,
  answers: { nats: (ports, signal) => natsAnswers(ports.client, signal) },
  async prepare({ programs, folder, ports, natsSettings }) {
    const data = join(folder, 'data');
    const file = join(folder, 'nats.conf');
    await mkdir(data, { recursive: true });
    const lines = [
      `listen: "${loopback}:${ports.client}"`,
      `http: "${loopback}:${ports.monitor}"`,
      'server_name: openframe',
      `max_payload: ${largestPayload}`,
      `jetstream { store_dir: ${JSON.stringify(data)}, sync_interval: ${natsSettings.syncInterval ?? syncInterval} }`,
      natsSettings.more ?? '',
    ];
    await writeFile(file, `${lines.join('\n')}\n`);
    const command = join(programs, 'nats-server');
    return [{ name: 'nats', command, args: ['--config', file] }];
  },
  addresses: (ports) => ({
    OPENFRAME_NATS_URL: `nats://${loopback}:${ports.client}`,
    // A server that an older version started has no monitoring until it is started again.
    ...('monitor' in ports ? { OPENFRAME_NATS_MONITORING_URL: `http://${loopback}:${ports.monitor}` } : {}),
  }),
};
