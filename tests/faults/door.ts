import { request } from 'undici';
import { z } from 'zod';

import type { Clock } from '../../streams/clock.ts';
import type { Random } from '../../streams/random.ts';
import type { Fleet, FleetDevice, FleetEvent } from './fleet.ts';
import type { Ledger } from './ledger.ts';

export interface DoorOptions {
  readonly url: string;
  /** Tenant to bearer token. */
  readonly tokens: ReadonlyMap<string, string>;
  readonly fleet: Fleet;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: number;
  /** Events a second, all tenants together. */
  readonly ratePerSecond: number;
  /** Stops early; what was accepted until then counts. */
  readonly signal?: AbortSignal;
}

/** What sending met on the way. */
export interface Sent {
  /** Bodies that were refused or not answered, and sent again. */
  readonly refusals: number;
  /** Bodies that were sent once more although they were accepted. */
  readonly repeats: number;
  readonly lastAcceptedMs: number;
}

const bodyEvents = 100;
const answerWithinMs = 10_000;
const againAfterMs = 100;
/** One body of ten goes out once more after it was accepted, as from an agent that missed the answer. */
const repeatOneOf = 10;
const answerSchema = z.object({ accepted: z.number(), rejected: z.array(z.unknown()) });

/**
 * Sends a fleet's events to the gateway as agents do, one tenant beside the other: a device's next event follows when
 * the one before was accepted, and what is not answered with 202 is sent again until it is.
 */
export async function sendThroughDoor(options: DoorOptions): Promise<Sent> {
  const tenants = Map.groupBy(options.fleet.devices, ({ tenantId }) => tenantId);
  const share = Math.ceil(options.events / tenants.size / bodyEvents);
  const pauseMs = (bodyEvents * tenants.size * 1000) / options.ratePerSecond;
  const lanes = [...tenants.values()].map((devices) => sendLane(options, devices, share, pauseMs));
  const sent = await Promise.all(lanes);
  return {
    refusals: sum(sent.map((one) => one.refusals)),
    repeats: sum(sent.map((one) => one.repeats)),
    lastAcceptedMs: Math.max(...sent.map((one) => one.lastAcceptedMs)),
  };
}

async function sendLane(
  options: DoorOptions,
  devices: readonly FleetDevice[],
  bodies: number,
  pauseMs: number,
): Promise<Sent> {
  const { fleet, ledger, clock, random, signal } = options;
  const sent = { refusals: 0, repeats: 0, lastAcceptedMs: clock.nowMs() };
  let dueMs = clock.nowMs();
  for (let body = 0; body < bodies && signal?.aborted !== true; body++) {
    const events = Array.from({ length: bodyEvents }, (_, i) => {
      const device = devices[(body * bodyEvents + i) % devices.length];
      if (device === undefined) throw new Error('a tenant without devices');
      return fleet.next(device, clock.nowMs());
    });
    for (const event of events) ledger.sent(event);
    sent.refusals += await post(options, events);
    for (const event of events) ledger.accepted(event);
    sent.lastAcceptedMs = clock.nowMs();
    if (random.below(repeatOneOf) === 0) {
      sent.repeats++;
      sent.refusals += await post(options, events);
    }
    dueMs = Math.max(dueMs + pauseMs, clock.nowMs() - pauseMs);
    await clock.sleep(Math.max(dueMs - clock.nowMs(), 0), signal);
  }
  return sent;
}

/** Posts until the gateway answers that it has them all; how often it did not. */
async function post(options: DoorOptions, events: readonly FleetEvent[]): Promise<number> {
  const { url, tokens, clock } = options;
  const authorization = `Bearer ${tokens.get(events[0]?.device.tenantId ?? '') ?? ''}`;
  const body = events.map(cloudEvent).join('\n');
  for (let refusals = 0; ; refusals++) {
    const status = await attempt(`${url}/ingest/v1/events`, authorization, body, events.length);
    if (status === 202) return refusals;
    if (status !== 429 && status !== 0 && status < 500) throw new Error(`the door answered ${status}`);
    await clock.sleep(againAfterMs);
  }
}

/** The status; 0 where no answer came. */
async function attempt(url: string, authorization: string, body: string, count: number): Promise<number> {
  let status: number;
  let answer: unknown;
  try {
    const response = await request(url, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/x-ndjson' },
      body,
      signal: AbortSignal.timeout(answerWithinMs),
    });
    status = response.statusCode;
    answer = await response.body.json();
  } catch {
    return 0;
  }
  if (status !== 202) return status;
  const { accepted, rejected } = answerSchema.parse(answer);
  if (accepted !== count || rejected.length > 0) throw new Error(`the door took ${accepted} of ${count}`);
  return status;
}

function cloudEvent({ device, type, source, id, time, data }: FleetEvent): string {
  const head = {
    specversion: '1.0',
    id,
    source,
    type,
    time,
    subject: device.deviceId,
  };
  return `${JSON.stringify(head).slice(0, -1)},"data":${data}}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
