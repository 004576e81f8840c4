import { eventIdOf } from '../../contracts/event-id.ts';
import { agentEventTypes } from '../../contracts/event.ts';
import { headers, rawKey } from '../../contracts/topics.ts';
import { decodeWindowsEvent } from '../../enrichers/decoders/windows-event.ts';
import { sourceOf } from '../../enrichers/place-event.ts';
import { createRandom, type Random } from '../../streams/random.ts';
import { RecordBatchBuilder } from '../../streams/record-batch.ts';
import type { MspDevice } from './msp-fleet.ts';
import {
  type Away,
  type Course,
  isWorkingDay,
  dayMs,
  hourMs,
  type Line,
  minuteMs,
  type Plan,
} from './plan.ts';

const scenarioTenant = 'msp';
const beatEveryMs = minuteMs;
const measureEveryMs = 5 * minuteMs;
const runSpacing = 1_000_000;

interface LiveDevice {
  readonly device: MspDevice;
  readonly away: readonly Away[];
  nextAway: number;
  run: number;
  sequence: number;
  cpu: number;
  memory: number;
}

/** What the agents of a plan send, as the door hands it on, batch by batch in the order of time. */
export interface RawRecords {
  /** A batch of what is sent from `fromMs` until before `toMs`; null where nothing is. Called with times that go up. */
  next(fromMs: number, toMs: number): Buffer | null;
  /** Events so far. */
  readonly count: number;
}

export function createRawRecords(plan: Plan, seed: number): RawRecords {
  return new PlannedRecords(plan, createRandom(seed));
}

class PlannedRecords implements RawRecords {
  readonly #plan: Plan;
  readonly #random: Random;
  readonly #live: readonly LiveDevice[];
  readonly #byId: ReadonlyMap<string, LiveDevice>;
  readonly #courses: ReadonlyMap<string, readonly Course[]>;
  readonly #builder = new RecordBatchBuilder(65_536);
  #line = 0;
  #twins = 0;
  #windowsRecords = 0;
  #empty = true;
  count = 0;

  constructor(plan: Plan, random: Random) {
    this.#plan = plan;
    this.#random = random;
    this.#live = plan.fleet.map((device) => ({
      device,
      away: plan.away.get(device.deviceId) ?? [],
      ...{ nextAway: 0, run: 1, sequence: 0, cpu: 0.05 + random.next() * 0.2, memory: device.memoryUsed },
    }));
    this.#byId = new Map(this.#live.map((live) => [live.device.deviceId, live]));
    this.#courses = Map.groupBy(plan.courses, ({ deviceId }) => deviceId);
  }

  next(fromMs: number, toMs: number): Buffer | null {
    this.#empty = true;
    for (const live of this.#live) {
      const { beatPhaseMs, measurePhaseMs } = live.device;
      const beatMs = dueIn(fromMs, toMs, beatPhaseMs, beatEveryMs);
      if (beatMs !== null && this.#isThere(live, beatMs)) this.#beat(live, beatMs);
      const measureMs = dueIn(fromMs, toMs, measurePhaseMs, measureEveryMs);
      if (measureMs !== null && this.#isThere(live, measureMs)) this.#measure(live, measureMs);
    }
    for (let line = this.#plan.lines[this.#line]; line !== undefined; line = this.#plan.lines[++this.#line]) {
      if (line.timeMs >= toMs) break;
      const live = this.#byId.get(line.deviceId);
      if (live !== undefined) this.#say(live, line);
    }
    return this.#empty ? null : this.#builder.finish();
  }

  /** Also gives an agent that comes back another run, and the device its inventory at each start. */
  #isThere(live: LiveDevice, timeMs: number): boolean {
    for (let away = live.away[live.nextAway]; away !== undefined; away = live.away[live.nextAway]) {
      if (timeMs < away.fromMs) break;
      if (timeMs < away.toMs) return false;
      live.nextAway++;
      if (away.restarts) [live.run, live.sequence] = [live.run + 1, 0];
    }
    if (live.sequence === 0) {
      const { hostname, organizationId, organizationName, os } = live.device;
      this.#send(live, timeMs, agentEventTypes.device, { hostname, organizationId, organizationName, os });
    }
    return true;
  }

  #beat(live: LiveDevice, timeMs: number): void {
    this.#send(live, timeMs, agentEventTypes.heartbeat, { agentVersion: '0.1.0', spooled: 0 });
  }

  #measure(live: LiveDevice, timeMs: number): void {
    const { device } = live;
    live.cpu = wander(live.cpu, 0.04, this.#random, usualLoad(this.#plan, device, timeMs));
    live.memory = wander(live.memory, 0.02, this.#random, device.memoryUsed);
    const cpu = this.#course(device.deviceId, 'cpu', timeMs) ?? live.cpu;
    const disk = this.#course(device.deviceId, 'disk', timeMs) ?? device.diskUsed;
    const samples = [
      { name: 'system.cpu.utilization', value: rounded(cpu), unit: '1' },
      { name: 'system.memory.utilization', value: rounded(live.memory), unit: '1' },
    ];
    this.#send(live, timeMs, agentEventTypes.metrics, { samples });
    const labels = { 'system.device': 'C:', 'system.filesystem.mountpoint': 'C:' };
    const use = { name: 'system.filesystem.utilization', value: rounded(disk), unit: '1', labels };
    this.#send(live, timeMs, agentEventTypes.metrics, { samples: [use] });
  }

  /** Of courses that overlap the one that was planned last counts. */
  #course(deviceId: string, metric: Course['metric'], timeMs: number): number | undefined {
    return this.#courses
      .get(deviceId)
      ?.findLast((one) => one.metric === metric && timeMs >= one.fromMs && timeMs < one.toMs)
      ?.at(timeMs);
  }

  #say(live: LiveDevice, { timeMs, say }: Line): void {
    if (!this.#isThere(live, timeMs)) return;
    if (say.what === 'log') {
      const { severity, logger, message } = say;
      this.#send(live, timeMs, agentEventTypes.log, { message, severityText: severity, logger });
    } else if (say.what === 'sign-in') this.#signIn(live, timeMs, say.user, say.failed);
    else {
      const { deviceId } = live.device;
      const id = `twin-of-${deviceId}-${this.#twins++}`;
      const agent = { id, source: `/agents/${deviceId}`, type: agentEventTypes.heartbeat, deviceId };
      this.#append(timeMs, agent, { agentVersion: '0.1.0', spooled: 0 });
    }
  }

  /** As the event log of Windows says it, through the decoder that reads it. */
  #signIn(
    { device: { deviceId, hostname } }: LiveDevice,
    timeMs: number,
    user: string,
    failed: boolean,
  ): void {
    const entry = {
      Id: failed ? 4625 : 4624,
      ProviderName: 'Microsoft-Windows-Security-Auditing',
      LogName: 'Security',
      RecordId: ++this.#windowsRecords,
      MachineName: hostname,
      Level: 0,
      TimeCreated: new Date(timeMs).toISOString(),
      Message: failed ? 'An account failed to log on.' : 'An account was successfully logged on.',
      EventData: { TargetUserName: user, IpAddress: '203.0.113.7' },
    };
    const bytes = Buffer.from(JSON.stringify(entry));
    const decoded = decodeWindowsEvent({ bytes, receivedMs: timeMs, connection: 'logs' });
    for (const event of decoded.kind === 'events' ? decoded.events : []) {
      const of = { id: event.id, source: sourceOf(event), type: event.sourceType, deviceId };
      this.#append(timeMs, { ...of, tool: event.tool }, event.data);
    }
  }

  #send(live: LiveDevice, timeMs: number, type: string, data: object): void {
    const { deviceId } = live.device;
    const id = `run${live.run * runSpacing}-${live.sequence++}`;
    this.#append(timeMs, { id, source: `/agents/${deviceId}`, type, deviceId }, data);
  }

  #append(
    timeMs: number,
    event: {
      readonly id: string;
      readonly source: string;
      readonly type: string;
      readonly deviceId: string;
      readonly tool?: string;
    },
    data: object,
  ): void {
    const { id, source, type, deviceId, tool } = event;
    this.#builder.appendRecord({
      key: rawKey(scenarioTenant, source),
      value: JSON.stringify(data),
      timestampMs: timeMs,
      headers: {
        [headers.specVersion]: '1.0',
        [headers.id]: id,
        [headers.source]: source,
        [headers.type]: type,
        [headers.time]: new Date(timeMs).toISOString(),
        [headers.contentType]: 'application/json',
        [headers.tenant]: scenarioTenant,
        [headers.device]: deviceId,
        [headers.eventId]: eventIdOf(scenarioTenant, source, id),
        [headers.ingestTime]: String(timeMs),
        ...(tool === undefined ? {} : { [headers.tool]: tool }),
      },
    });
    this.#empty = false;
    this.count++;
  }
}

/** The time in [fromMs, toMs) at which something is due that comes every `everyMs`; null where it is not. */
function dueIn(fromMs: number, toMs: number, phaseMs: number, everyMs: number): number | null {
  const dueMs = Math.ceil((fromMs - phaseMs) / everyMs) * everyMs + phaseMs;
  return dueMs < toMs ? dueMs : null;
}

/** People work by day: their machines and the servers that they use have more to do then. */
function usualLoad(plan: Plan, { kind }: MspDevice, timeMs: number): number {
  const dayStartMs = plan.startMs + Math.floor((timeMs - plan.startMs) / dayMs) * dayMs;
  const hour = (timeMs - dayStartMs) / hourMs;
  const working = isWorkingDay(plan, dayStartMs) && hour >= 8 && hour < 18;
  return working ? (kind === 'server' ? 0.3 : 0.2) : 0.08;
}

/** Goes a little at random, and back to what is usual. */
function wander(value: number, step: number, random: Random, usual: number): number {
  const next = value + (random.next() - 0.5) * step + (usual - value) * 0.15;
  return Math.min(0.99, Math.max(0.01, next));
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
