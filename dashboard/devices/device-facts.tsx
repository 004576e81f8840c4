import type { Device } from '../api/answers.ts';
import { formatBytes } from '../format/format-number.ts';
import './device-panel.css';
import { Cloned, LastSeen } from './device-row.tsx';
import { DeviceState } from './device-state.tsx';

/** What a device says of itself. */
export function DeviceFacts({ device }: { readonly device: Device }): React.ReactNode {
  const facts = factsOf(device);
  return (
    <dl className="device-facts">
      <div>
        <dt>State</dt>
        <dd>
          <DeviceState device={device} /> <span className="quiet">· seen </span>
          <LastSeen at={device.lastSeen} />
          <Cloned deviceId={device.deviceId} />
        </dd>
      </div>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function factsOf({
  deviceId,
  organizationName,
  organizationId,
  inventory,
}: Device): readonly [string, string][] {
  const { os, hardware, networkInterfaces, users, agentVersion } = inventory ?? {};
  const addresses = networkInterfaces
    ?.map(({ ip4, ip6 }) => ip4 ?? ip6)
    .filter((ip) => ip !== undefined && ip !== '');
  const candidates: readonly (readonly [string, string | undefined])[] = [
    ['Organization', organizationName ?? organizationId ?? undefined],
    ['System', joined([os?.name, os?.version, os?.arch])],
    [
      'Processor',
      joined([hardware?.cpuModel, hardware?.cpuCores === undefined ? '' : `· ${hardware.cpuCores} cores`]),
    ],
    ['Memory', hardware?.memoryBytes === undefined ? undefined : formatBytes(hardware.memoryBytes)],
    ['Model', joined([hardware?.manufacturer, hardware?.model])],
    ['Addresses', addresses?.join(', ')],
    ['Users', users?.join(', ')],
    ['Agent', agentVersion],
    ['Id', deviceId],
  ];
  return candidates.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]]));
}

function joined(words: readonly (string | undefined)[]): string {
  return words.filter((word) => word !== undefined && word !== '').join(' ');
}
