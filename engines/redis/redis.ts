import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Engine, loopback } from '../engine.ts';
import { redisAnswers } from './redis-answers.ts';

/** Valkey, which speaks Redis's protocol. A killed server loses nothing, a power cut its last second. */
export const redis: Engine<'client'> = {
  name: 'redis',
  defaultPorts: { client: 6379 },
  needsJava: false,
  answers: { redis: (ports, signal) => redisAnswers(ports.client, signal) },
  async prepare({ programs, folder, ports, more }) {
    const data = join(folder, 'data');
    const file = join(folder, 'valkey.conf');
    await mkdir(data, { recursive: true });
    const lines = [
      `bind ${loopback}`,
      `port ${ports.client}`,
      `dir ${JSON.stringify(data)}`,
      'appendonly yes',
      'appendfsync everysec',
      'save ""',
      more,
    ];
    await writeFile(file, `${lines.join('\n')}\n`);
    const command = join(programs, 'valkey-server');
    return [{ name: 'redis', command, args: [file] }];
  },
  addresses: (ports) => ({ OPENFRAME_REDIS_URL: `redis://${loopback}:${ports.client}` }),
};
