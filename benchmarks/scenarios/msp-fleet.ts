import type { DeviceInventory } from '../../contracts/device.ts';
import type { Random } from '../../streams/random.ts';

export type DeviceKind = 'server' | 'desktop' | 'laptop';

/** A machine of a customer of the service provider, and the habits of who uses it. Times of day are UTC. */
export interface MspDevice {
  readonly deviceId: string;
  readonly hostname: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly kind: DeviceKind;
  /** As its agent tells it. */
  readonly os: NonNullable<DeviceInventory['os']>;
  /** When within a minute its heartbeat comes, and within 5 minutes its measurements. */
  readonly beatPhaseMs: number;
  readonly measurePhaseMs: number;
  /** When a laptop is opened and closed on a working day, in hours. */
  readonly opensAt: number;
  readonly closesAt: number;
  readonly diskUsed: number;
  readonly memoryUsed: number;
}

const devicesByCustomer = 20;
const windows = { platform: 'Windows', version: '10.0.20348', arch: 'x64' };
/** Of ten machines of a customer. */
const kindsInTurn: readonly DeviceKind[] = [
  ...(['server', 'desktop', 'laptop', 'laptop', 'desktop'] as const),
  ...(['server', 'laptop', 'desktop', 'laptop', 'laptop'] as const),
];

/** A reproducible fleet: a fifth servers, three tenths desktops, half laptops, about 20 machines a customer. */
export function createMspFleet(count: number, random: Random): readonly MspDevice[] {
  const customers = Math.max(2, Math.round(count / devicesByCustomer));
  const prefixes: Readonly<Record<DeviceKind, string>> = { server: 'srv', desktop: 'pc', laptop: 'nb' };
  return Array.from({ length: count }, (_, i) => {
    const customer = i % customers;
    const kind = kindsInTurn[Math.floor(i / customers) % kindsInTurn.length] ?? 'laptop';
    return {
      deviceId: `dev-${String(i).padStart(4, '0')}`,
      hostname: `${prefixes[kind]}-${String(i).padStart(4, '0')}`,
      organizationId: `customer-${customer}`,
      organizationName: `Customer ${customer}`,
      kind,
      os: {
        ...windows,
        name: kind === 'server' ? 'Microsoft Windows Server 2022' : 'Microsoft Windows 11 Pro',
      },
      beatPhaseMs: random.below(60_000),
      measurePhaseMs: random.below(300_000),
      opensAt: 7.5 + random.next() * 2,
      closesAt: 17 + random.next() * 2.5,
      diskUsed: 0.3 + random.next() * 0.45,
      memoryUsed: 0.3 + random.next() * 0.4,
    };
  });
}
