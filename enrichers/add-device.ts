import { deviceInventorySchema } from '../contracts/device.ts';
import { agentEventTypes } from '../contracts/event.ts';
import { topics } from '../contracts/topics.ts';
import { blockOf } from '../streams/byte-block.ts';
import { ByteMap } from '../streams/byte-map.ts';
import { ByteWriter } from '../streams/byte-writer.ts';
import { EncodedText, EncodedTexts } from '../streams/encoded-text.ts';
import type { RecordInput } from '../streams/record-batch.ts';
import type { RecordView } from '../streams/record.ts';
import { emit, type Outcome, type Stage, type StageOpening, type StageTask } from '../streams/stage.ts';

/** What the stream knows of a device. Without a host name: events came, but the device has not said who it is. */
interface KnownDevice {
  readonly hostname?: string;
  readonly organizationId?: string;
  readonly organizationName?: string;
}

/**
 * Adds host name and organization from the device's last inventory (`openframe.device`), which is kept as
 * keyed state of the partition: an agent's events all meet in one. A device that says who it is only after
 * events of it went out gets `backfill`, at which the sinks complete those events.
 */
export const addDevice: Stage = {
  name: 'add-device',
  reads: ['tenantId', 'deviceId', 'sourceType', 'data'],
  adds: [
    { name: 'hostname', kind: 'text' },
    { name: 'organizationId', kind: 'text' },
    { name: 'organizationName', kind: 'text' },
    { name: 'backfill', kind: 'text' },
  ],
  changelog: { topic: topics.devices, cleanup: 'compact' },
  open: (opening) => new AddDeviceTask(opening),
};

/** A device with its texts as they are set on each of its records. */
interface Device {
  readonly known: KnownDevice;
  readonly hostname: EncodedText | undefined;
  readonly organizationId: EncodedText | undefined;
  readonly organizationName: EncodedText | undefined;
}

const colon = 0x3a;

class AddDeviceTask implements StageTask {
  readonly #opening: StageOpening;
  /** By `tenant:device`, in bytes: no string is made for a record whose device is known. */
  readonly #devices: ByteMap<Device>;
  readonly #changed = new Map<string, KnownDevice>();
  readonly #key = new ByteWriter(256);
  /** Organizations have many devices, which share their texts. */
  readonly #organizations = new Map<string, EncodedText>();
  readonly #texts = new EncodedTexts();
  readonly #tenantId;
  readonly #deviceId;
  readonly #sourceType;
  readonly #data;
  readonly #hostname;
  readonly #organizationId;
  readonly #organizationName;
  readonly #backfill;

  constructor(opening: StageOpening) {
    this.#opening = opening;
    this.#devices = new ByteMap(opening.random.uint32());
    this.#tenantId = opening.field('tenantId');
    this.#deviceId = opening.field('deviceId');
    this.#sourceType = opening.field('sourceType');
    this.#data = opening.field('data');
    this.#hostname = opening.field('hostname');
    this.#organizationId = opening.field('organizationId');
    this.#organizationName = opening.field('organizationName');
    this.#backfill = opening.field('backfill');
  }

  process(record: RecordView): Outcome {
    if (!record.has(this.#deviceId)) return emit;
    this.#writeKey(record);
    let device = this.#devices.get(this.#key.target, 0, this.#key.length);
    if (record.text(this.#sourceType) === agentEventTypes.device) {
      const said = inventoryOf(record.json(this.#data));
      if (said !== null) {
        if (device !== undefined && device.hostname === undefined) record.set(this.#backfill, 'true');
        if (!same(device?.known, said)) this.#remember(said);
        device = this.#encode(said);
      }
    }
    if (device === undefined) this.#remember({});
    else this.#complete(record, device);
    return emit;
  }

  changes(): readonly RecordInput[] {
    const timestampMs = this.#opening.clock.nowMs();
    const records = [...this.#changed].map(([key, device]) => ({
      key,
      value: JSON.stringify(device),
      timestampMs,
    }));
    this.#changed.clear();
    return records;
  }

  restore(record: { readonly key: string; readonly value: Uint8Array | null }): void {
    const key = blockOf(Buffer.from(record.key));
    const { value } = record;
    const device = value === null ? undefined : this.#encode(parsed(value));
    this.#devices.set(key, 0, key.bytes.length, device);
  }

  #writeKey(record: RecordView): void {
    const key = this.#key;
    key.length = 0;
    const tenant = record.range(this.#tenantId);
    key.block(tenant, tenant.start, tenant.end);
    key.byte(colon);
    const device = record.range(this.#deviceId);
    key.block(device, device.start, device.end);
  }

  #remember(device: KnownDevice): void {
    const key = this.#key;
    this.#devices.set(key.target, 0, key.length, this.#encode(device));
    this.#changed.set(key.written().toString('utf8'), device);
  }

  #complete(record: RecordView, { hostname, organizationId, organizationName }: Device): void {
    if (hostname !== undefined) record.set(this.#hostname, hostname);
    if (organizationId !== undefined) record.set(this.#organizationId, organizationId);
    if (organizationName !== undefined) record.set(this.#organizationName, organizationName);
  }

  #encode(known: KnownDevice): Device {
    const { hostname, organizationId, organizationName } = known;
    return {
      known,
      hostname: hostname === undefined ? undefined : new EncodedText(hostname, this.#texts),
      organizationId: this.#encodeShared(organizationId),
      organizationName: this.#encodeShared(organizationName),
    };
  }

  #encodeShared(text: string | undefined): EncodedText | undefined {
    if (text === undefined) return undefined;
    let encoded = this.#organizations.get(text);
    if (encoded === undefined) {
      encoded = new EncodedText(text, this.#texts);
      this.#organizations.set(text, encoded);
    }
    return encoded;
  }
}

function parsed(value: Uint8Array): KnownDevice {
  return JSON.parse(Buffer.from(value).toString('utf8')) as KnownDevice;
}

/** What an inventory says of name and organization; null where it is not an inventory. */
function inventoryOf(data: unknown): KnownDevice | null {
  const parsed = deviceInventorySchema.safeParse(data);
  if (!parsed.success) return null;
  const { hostname, organizationId, organizationName } = parsed.data;
  return {
    hostname,
    ...(organizationId === undefined ? {} : { organizationId }),
    ...(organizationName === undefined ? {} : { organizationName }),
  };
}

function same(a: KnownDevice | undefined, b: KnownDevice): boolean {
  return (
    a !== undefined &&
    a.hostname === b.hostname &&
    a.organizationId === b.organizationId &&
    a.organizationName === b.organizationName
  );
}
