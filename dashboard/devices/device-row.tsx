import { memo } from 'react';

import type { Device } from '../api/answers.ts';
import { useNow, usePreferences } from '../app-context.tsx';
import { Sparkline } from '../charts/sparkline.tsx';
import { formatShare } from '../format/format-number.ts';
import { formatAgo, formatExact } from '../format/format-time.ts';
import { DeviceState } from './device-state.tsx';
import { LifeMark, lifeLabels } from './life-mark.tsx';
import { useCloned } from './use-cloned.ts';
import { type Resource, sparklineWindow } from './use-utilization.ts';
import { currentShare, type Points } from './utilization.ts';

interface DeviceRowProps {
  readonly device: Device;
  readonly onOpen: (deviceId: string) => void;
  /** Undefined before the first answer, and where nothing was measured. */
  readonly cpu: Points | undefined;
  readonly memory: Points | undefined;
}

/** One device. */
export const DeviceRow = memo(function DeviceRow(props: DeviceRowProps): React.ReactNode {
  const { device, onOpen, cpu, memory } = props;
  return (
    <tr className="device-row" onClick={() => onOpen(device.deviceId)}>
      <td className="device-state-cell">
        <DeviceState device={device} />
      </td>
      <th scope="row" className="device-name">
        <button
          type="button"
          className="device-open"
          onClick={(event) => {
            event.stopPropagation();
            onOpen(device.deviceId);
          }}
        >
          {device.hostname ?? device.deviceId}
        </button>
        <Cloned deviceId={device.deviceId} />
      </th>
      <td className="device-organization">
        {device.organizationName ?? device.organizationId ?? <span className="quiet">None</span>}
      </td>
      <td className="device-seen">
        <LastSeen at={device.lastSeen} />
      </td>
      <UtilizationCell points={cpu} resource="cpu" label="CPU" />
      <UtilizationCell points={memory} resource="memory" label="Memory" />
    </tr>
  );
});

/** Says that two machines report as this device; nothing where one does. */
export function Cloned({ deviceId }: { readonly deviceId: string }): React.ReactNode {
  if (!useCloned().has(deviceId)) return null;
  return (
    <span className="device-cloned" title="Two agents with this identity report in turns">
      <LifeMark word="cloned" /> {lifeLabels.cloned}
    </span>
  );
}

/** How long ago, with the exact moment on hover. */
export function LastSeen({ at }: { readonly at: string }): React.ReactNode {
  const nowMs = useNow();
  const [{ zone }] = usePreferences();
  const timeMs = Date.parse(at);
  return (
    <time dateTime={at} title={formatExact(timeMs, zone)}>
      {formatAgo(timeMs, nowMs)}
    </time>
  );
}

interface UtilizationCellProps {
  readonly points: Points | undefined;
  readonly resource: Resource;
  readonly label: string;
}

function UtilizationCell({ points = [], resource, label }: UtilizationCellProps): React.ReactNode {
  const nowMs = useNow(5_000);
  return (
    <td className="device-use" data-label={label}>
      <span className="device-use-content">
        <span className="device-share">{formatShare(currentShare(points, nowMs))}</span>
        <Sparkline points={points} fromMs={nowMs - sparklineWindow.spanMs} toMs={nowMs} color={resource} />
      </span>
    </td>
  );
}
