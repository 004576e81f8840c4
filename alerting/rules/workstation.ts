import { deviceInventorySchema } from '../../contracts/device.ts';

const inventorySchema = deviceInventorySchema.pick({ os: true, hardware: true });

/**
 * Whether a device is one that people switch off or close, by the inventory that its agent gave: a laptop by its case,
 * macOS, and Windows but for its server editions. Null where the inventory does not say what runs on it; of Linux and
 * others that is no workstation unless its case is a laptop's, since nothing tells a server from a desktop.
 */
export function isWorkstation(inventory: unknown): boolean | null {
  const parsed = inventorySchema.safeParse(inventory);
  if (!parsed.success) return null;
  const { os, hardware } = parsed.data;
  if (hardware?.chassis === 'laptop') return true;
  if (os === undefined) return null;
  return os.platform === 'darwin' || (/^win/i.test(os.platform) && !/server/i.test(os.name));
}
