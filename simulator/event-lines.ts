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

/** Encodes an agent's next event as one line of NDJSON. Of 20 events 16 are metrics, 3 log lines, 1 a heartbeat. */
export function nextEventLine(agent: SimulatedAgent, timeMs: number, random: Random): string {
  const kind = random.below(20);
  if (kind === 0) return line(agent, 'openframe.heartbeat', timeMs, '{}');
  if (kind <= 3) return line(agent, 'openframe.log', timeMs, logData(random));
  return line(agent, 'openframe.metrics', timeMs, metricsData(agent, random));
}

/** The inventory with which an agent introduces itself. */
export function inventoryLine(agent: SimulatedAgent, timeMs: number): string {
  const data = {
    hostname: agent.hostname,
    organizationId: agent.organizationId,
    organizationName: agent.organizationName,
    agentVersion: '0.1.0',
    os: { platform: 'linux', name: 'Debian GNU/Linux', version: '12', arch: 'x64' },
    hardware: { cpuModel: 'Simulated CPU', cpuCores: 8, memoryBytes: 17_179_869_184, virtual: true },
  };
  return line(agent, 'openframe.device', timeMs, JSON.stringify(data));
}

function line(agent: SimulatedAgent, type: string, timeMs: number, data: string): string {
  const id = `${agent.deviceId}-${agent.sequence++}`;
  const time = new Date(timeMs).toISOString();
  return (
    `{"specversion":"1.0","id":"${id}","source":"/agents/${agent.deviceId}","type":"${type}",` +
    `"time":"${time}","subject":"${agent.deviceId}","data":${data}}`
  );
}

function metricsData(agent: SimulatedAgent, random: Random): string {
  agent.cpu = wander(agent.cpu, random);
  agent.memory = wander(agent.memory, random);
  const memoryBytes = Math.round(agent.memory * 17_179_869_184);
  return (
    `{"samples":[{"name":"system.cpu.utilization","value":${agent.cpu.toFixed(4)},"unit":"1"},` +
    `{"name":"system.memory.utilization","value":${agent.memory.toFixed(4)},"unit":"1"},` +
    `{"name":"system.memory.usage","value":${memoryBytes},"unit":"By","labels":{"system.memory.state":"used"}}]}`
  );
}

function logData(random: Random): string {
  const index = random.below(messages.length);
  const logger = services[random.below(services.length)];
  return `{"message":"${messages[index]}","severityText":"${severityWords[index]}","logger":"${logger}"}`;
}

function wander(value: number, random: Random): number {
  return Math.min(0.99, Math.max(0.01, value + (random.next() - 0.5) * 0.08));
}
