import { useMemo } from 'react';

import type { Device } from '../api/answers.ts';
import { DeviceRow } from './device-row.tsx';
import { useUtilizations } from './use-utilization.ts';

const columns = ['State', 'Host name', 'Organization', 'Last seen', 'CPU', 'Memory'];

interface DeviceListProps {
  readonly devices: readonly Device[];
  readonly onOpen: (deviceId: string) => void;
}

/** A page of devices. What they measure is asked for all of them at once. */
export function DeviceList({ devices, onOpen }: DeviceListProps): React.ReactNode {
  const deviceIds = useMemo(() => devices.map(({ deviceId }) => deviceId), [devices]);
  const { cpu, memory } = useUtilizations(deviceIds);
  return (
    <table className="device-table">
      <thead>
        <tr>
          {columns.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {devices.map((device) => (
          <DeviceRow
            key={device.deviceId}
            device={device}
            onOpen={onOpen}
            cpu={cpu.get(device.deviceId)}
            memory={memory.get(device.deviceId)}
          />
        ))}
      </tbody>
    </table>
  );
}
