import type { Random } from '../streams/random.ts';
import type { SimulatedAgent } from './fleet.ts';

const services = ['sshd', 'cron', 'nginx', 'postgres', 'backup', 'kernel', 'update-agent', 'print-spooler'];
const messages = [
  'Accepted publickey for deploy from 10.2.0.14 port 51544',
  'Started daily clean-up of temporary directories',
  'Connection reset by peer while reading response header from upstream',
  'Backup of volume C: finished in 312 s, 18.4 GiB written',
  'I/O error on device sdb, logical block 1843200',
  'Service entered failed state after 3 restarts',
  'Update KB5031455 installed, restart pending',
  'Disk space on /var is below 10 %',
];
const severityWords = ['INFO', 'INFO', 'INFO', 'INFO', 'WARN', 'ERROR', 'INFO', 'WARN'];
const memoryBytes = 17_179_869_184;

/** Encodes events as lines of NDJSON. One serves a whole fleet: what lines have in common is made once. */
export interface EventLines {
  /** An agent's next event. Of 20 events 16 are metrics, 3 log lines, 1 a heartbeat. */
  next(agent: SimulatedAgent, timeMs: number): string;
  /** The inventory with which an agent introduces itself. */
  inventory(agent: SimulatedAgent, timeMs: number): string;
}

/** `run` begins the last part of each id, so that another run of the same fleet sends other events. */
export function createEventLines(random: Random, run = ''): EventLines {
  const timeText = createTimeText();
  const shares = Array.from({ length: 10_000 }, (_, i) => `0.${String(i).padStart(4, '0')}`);
  const logs = messages.flatMap((message, i) =>
    services.map(
      (logger) =>
        `","data":{"message":"${message}","severityText":"${severityWords[i]}","logger":"${logger}"}}`,
    ),
  );
  const line = (agent: SimulatedAgent, type: string, timeMs: number, data: string): string =>
    `{"specversion":"1.0","id":"${agent.deviceId}-${run}${agent.sequence++}","source":"/agents/${agent.deviceId}",` +
    `"type":"${type}","time":"${timeText(timeMs)}","subject":"${agent.deviceId}${data}`;
  const metrics = (agent: SimulatedAgent): string => {
    agent.cpu = wander(agent.cpu, random);
    agent.memory = wander(agent.memory, random);
    return (
      `","data":{"samples":[{"name":"system.cpu.utilization","value":${shares[(agent.cpu * 10_000) | 0]},"unit":"1"},` +
      `{"name":"system.memory.utilization","value":${shares[(agent.memory * 10_000) | 0]},"unit":"1"},` +
      `{"name":"system.memory.usage","value":${Math.round(agent.memory * memoryBytes)},"unit":"By",` +
      `"labels":{"system.memory.state":"used"}}]}}`
    );
  };
  return {
    next(agent, timeMs) {
      const kind = random.below(20);
      if (kind === 0) return line(agent, 'openframe.heartbeat', timeMs, '","data":{}}');
      if (kind <= 3) return line(agent, 'openframe.log', timeMs, logs[random.below(logs.length)] ?? '');
      return line(agent, 'openframe.metrics', timeMs, metrics(agent));
    },
    inventory: (agent, timeMs) =>
      line(agent, 'openframe.device', timeMs, `","data":${JSON.stringify(inventoryOf(agent))}}`),
  };
}

function inventoryOf(agent: SimulatedAgent): object {
  return {
    hostname: agent.hostname,
    organizationId: agent.organizationId,
    organizationName: agent.organizationName,
    agentVersion: '0.1.0',
    os: { platform: 'linux', name: 'Debian GNU/Linux', version: '12', arch: 'x64' },
    hardware: { cpuModel: 'Simulated CPU', cpuCores: 8, memoryBytes, virtual: true },
  };
}

/** RFC 3339 of a time, which may have fractions; many events are of the same millisecond as the one before. */
function createTimeText(): (timeMs: number) => string {
  let lastMs = Number.NaN;
  let text = '';
  return (timeMs) => {
    const wholeMs = Math.floor(timeMs);
    if (wholeMs !== lastMs) {
      lastMs = wholeMs;
      text = new Date(wholeMs).toISOString();
    }
    return text;
  };
}

function wander(value: number, random: Random): number {
  return Math.min(0.99, Math.max(0.01, value + (random.next() - 0.5) * 0.08));
}
