import { headers, topics } from '../../contracts/topics.ts';
import { addDevice } from '../../enrichers/add-device.ts';
import { dedupe } from '../../enrichers/dedupe.ts';
import { readMembers } from '../../enrichers/read-members.ts';
import { emit, type Stage } from '../../streams/stage.ts';
import { from, type Topology } from '../../streams/topology.ts';

/** Names behind the prefix of a benchmark; the state topics are the stages' own. */
export const jobTopics = { events: 'peer.events', out: 'peer.out', ...topics } as const;

export const partitions = 4;
export const deviceCount = 5000;
const tenantCount = 200;
const windowMs = 600_000;

export interface JobDevice {
  readonly tenantId: string;
  readonly deviceId: string;
  /** What the job adds to the device's events, as JSON: the value of its record in the devices topic. */
  readonly record: string;
}

export function jobDevice(index: number): JobDevice {
  const tenantId = `tenant-${String(index % tenantCount).padStart(4, '0')}`;
  const organization = index % 997;
  return {
    tenantId,
    deviceId: `device-${String(index).padStart(8, '0')}`,
    record: JSON.stringify({
      hostname: `host-${String(index).padStart(6, '0')}.corp.local`,
      organizationId: `org-${String(organization).padStart(4, '0')}`,
      organizationName: `Organization ${organization} of the benchmark, with a name of some length`,
    }),
  };
}

/** The identity of the job's event `index`, as a UUID's text: spread like random ones, yet known to whoever checks. */
export function jobEventId(index: number): string {
  const words = [0x9e3779b9, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f].map((factor) => mixed(index, factor));
  const hex = words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function mixed(index: number, factor: number): number {
  let hash = Math.imul(index + 1, factor);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  hash = Math.imul(hash ^ (hash >>> 13), factor);
  return hash ^ (hash >>> 16);
}

/** The job's events say nothing of when they were accepted: their own time stands for it. */
const acceptAtEventTime: Stage = {
  name: 'accept-at-event-time',
  reads: [],
  adds: [{ name: 'ingestTime', kind: 'number' }],
  open: ({ field }) => {
    const ingestTime = field('ingestTime');
    return {
      process(record) {
        record.set(ingestTime, record.eventTimeMs);
        return emit;
      },
    };
  },
};

/**
 * The peers' job of the product's own stages: drop events whose id was seen in the last ten minutes of event time, and
 * add what is known of the device. What is known is restored from the topic of device records, as after a restart.
 */
export const peerJob: Topology = from('peer-job', {
  topics: [jobTopics.events],
  format: {
    headers: {
      [headers.type]: { name: 'sourceType', kind: 'text' },
      [headers.replay]: { name: 'replay', kind: 'text' },
    },
    value: { name: 'data', kind: 'json' },
  },
})
  .through(readMembers('data', ['eventId', 'tenantId', 'deviceId']))
  .through(acceptAtEventTime)
  .through(dedupe({ windowMs, marksRetentionMs: 86_400_000 }))
  .through(addDevice)
  .to({
    topic: jobTopics.out,
    partitionBy: 'same',
    value: {
      extendedBy: [
        { name: 'hostname', kind: 'text' },
        { name: 'organizationId', kind: 'text' },
        { name: 'organizationName', kind: 'text' },
      ],
    },
  })
  .build();
