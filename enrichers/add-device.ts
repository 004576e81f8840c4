import { deviceInventorySchema } from '../contracts/device.ts';
import { agentEventTypes } from '../contracts/event.ts';
import { topics } from '../contracts/topics.ts';
import { blockOf, type ByteBlock } from '../streams/byte-block.ts';
import { ByteMap } from '../streams/byte-map.ts';
import { ByteWriter } from '../streams/byte-writer.ts';
import { EncodedText } from '../streams/encoded-text.ts';
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

const colon = 0x3a;
/** An organization's texts are encoded once; whoever invents more than so many pays for each. */
const mostEncoded = 10_000;

class AddDeviceTask implements StageTask {
  readonly #opening: StageOpening;
  /** By `tenant:device`, in bytes: no string is made for a record whose device is known. */
  readonly #devices: ByteMap<KnownDevice>;
  readonly #changed = new Map<string, KnownDevice>();
  readonly #key = new ByteWriter(256);
  readonly #encoded = new Map<string, EncodedText>();
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
    const key = this.#keyOf(record);
    let device = this.#devices.get(key, 0, key.bytes.length);
    if (record.text(this.#sourceType) === agentEventTypes.device) {
      const said = inventoryOf(record.json(this.#data));
      if (said !== null) {
        if (device !== undefined && device.hostname === undefined) record.set(this.#backfill, 'true');
        if (!same(device, said)) this.#remember(key, said);
        device = said;
      }
    }
    if (device === undefined) this.#remember(key, {});
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
    const device =
      value === null ? undefined : (JSON.parse(Buffer.from(value).toString('utf8')) as KnownDevice);
    this.#devices.set(key, 0, key.bytes.length, device);
  }

  /** Valid until the next call. */
  #keyOf(record: RecordView): ByteBlock {
    const writer = this.#key;
    writer.length = 0;
    const tenant = record.range(this.#tenantId);
    writer.block(tenant, tenant.start, tenant.end);
    writer.byte(colon);
    const device = record.range(this.#deviceId);
    writer.block(device, device.start, device.end);
    return writer.writtenBlock();
  }

  #remember(key: ByteBlock, device: KnownDevice): void {
    this.#devices.set(key, 0, key.bytes.length, device);
    this.#changed.set(key.bytes.toString('utf8'), device);
  }

  #complete(record: RecordView, device: KnownDevice): void {
    const { hostname, organizationId, organizationName } = device;
    if (hostname !== undefined) record.set(this.#hostname, hostname);
    if (organizationId !== undefined) record.set(this.#organizationId, this.#encode(organizationId));
    if (organizationName !== undefined) record.set(this.#organizationName, this.#encode(organizationName));
  }

  #encode(text: string): EncodedText | string {
    const known = this.#encoded.get(text);
    if (known !== undefined) return known;
    if (this.#encoded.size >= mostEncoded) return text;
    const encoded = new EncodedText(text);
    this.#encoded.set(text, encoded);
    return encoded;
  }
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
