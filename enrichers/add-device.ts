import { deviceInventorySchema } from '../contracts/device.ts';
import { agentEventTypes } from '../contracts/event.ts';
import { topics } from '../contracts/topics.ts';
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

class AddDeviceTask implements StageTask {
  readonly #opening: StageOpening;
  readonly #devices = new Map<string, KnownDevice>();
  readonly #changed = new Set<string>();
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
    const key = `${record.text(this.#tenantId)}:${record.text(this.#deviceId)}`;
    let device = this.#devices.get(key);
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
    const records = [...this.#changed].map((key) => ({
      key,
      value: JSON.stringify(this.#devices.get(key)),
      timestampMs,
    }));
    this.#changed.clear();
    return records;
  }

  restore(record: { readonly key: string; readonly value: Uint8Array | null }): void {
    if (record.value === null) this.#devices.delete(record.key);
    else this.#devices.set(record.key, JSON.parse(Buffer.from(record.value).toString('utf8')) as KnownDevice);
  }

  #remember(key: string, device: KnownDevice): void {
    this.#devices.set(key, device);
    this.#changed.add(key);
  }

  #complete(record: RecordView, device: KnownDevice): void {
    if (device.hostname !== undefined) record.set(this.#hostname, device.hostname);
    if (device.organizationId !== undefined) record.set(this.#organizationId, device.organizationId);
    if (device.organizationName !== undefined) record.set(this.#organizationName, device.organizationName);
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
