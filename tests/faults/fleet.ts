import { createHash } from 'node:crypto';
import { v5 as uuidV5 } from 'uuid';

import { agentEventTypes } from '../../contracts/event.ts';
import { eventIdNamespace, eventName } from '../../contracts/event-id.ts';
import { createRandom, type Random } from '../../streams/random.ts';

/** One simulated device: its events are numbered from 0 and carry that number in their id. */
export interface FleetDevice {
  readonly tenantId: string;
  readonly deviceId: string;
}

/** An event that a device made, with what the ledger keeps of it. */
export interface FleetEvent {
  readonly device: FleetDevice;
  /** Its number among the device's events, from 0. */
  readonly sequence: number;
  readonly type: string;
  readonly source: string;
  readonly id: string;
  /** By the device's clock, RFC 3339. */
  readonly time: string;
  /** JSON text. */
  readonly data: string;
  readonly eventId: string;
  /** Of tenant, device, time and data: see `payloadHash`. */
  readonly hash: string;
}

export interface FleetOptions {
  readonly seed: number;
  readonly tenants: number;
  readonly devices: number;
  /** One event of so many of a device is a line of its log that says ERROR, which is one report to the alerts. */
  readonly errorOneOf?: number;
}

/** A name that means something to JavaScript and nothing to us: it comes out as it went in. */
const hostileMember = '"__proto__":{"tenantId":"fault-0"}';

/** Devices of several tenants, and their events in order. Equal seeds give equal data. */
export class Fleet {
  readonly devices: readonly FleetDevice[];
  readonly #random: Random;
  readonly #errorOneOf: number;
  readonly #next = new Map<FleetDevice, number>();

  constructor({ seed, tenants, devices, errorOneOf = Infinity }: FleetOptions) {
    this.#random = createRandom(seed);
    this.#errorOneOf = errorOneOf;
    this.devices = Array.from({ length: devices }, (_, i) => ({
      tenantId: `fault-${i % tenants}`,
      deviceId: `device-${i}`,
    }));
  }

  /** The device's next event, which happened at `timeMs` by the device's clock. */
  next(device: FleetDevice, timeMs: number): FleetEvent {
    const sequence = this.#next.get(device) ?? 0;
    this.#next.set(device, sequence + 1);
    const { tenantId, deviceId } = device;
    const source = `/agents/${deviceId}`;
    const id = `${deviceId}-${sequence}`;
    const value = this.#random.next().toFixed(4);
    const isError = (sequence + 1) % this.#errorOneOf === 0;
    const data = isError
      ? `{"message":"disk sda: I/O error, took ${value} s","severityText":"ERROR"}`
      : `{"samples":[{"name":"system.cpu.utilization","value":${value},"unit":"1"}],${hostileMember}}`;
    const time = new Date(timeMs).toISOString();
    return {
      device,
      sequence,
      type: isError ? agentEventTypes.log : agentEventTypes.metrics,
      source,
      id,
      time,
      data,
      // By the library and not by our own `eventIdOf`: the ledger computes what it expects by itself.
      eventId: uuidV5(eventName(tenantId, source, id), eventIdNamespace),
      hash: payloadHash({ tenantId, deviceId, time, data: JSON.parse(data) as unknown }),
    };
  }
}

/** SHA-256 of what must come out as it went in. */
export function payloadHash(payload: {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly time: string;
  readonly data: unknown;
}): string {
  const { tenantId, deviceId, time, data } = payload;
  return createHash('sha256')
    .update(JSON.stringify([tenantId, deviceId, time, data]))
    .digest('base64');
}
