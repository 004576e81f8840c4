import { lateAfterMs } from '../../contracts/device.ts';
import type { Device } from '../api/answers.ts';
import { useNow } from '../app-context.tsx';
import './devices.css';
import { LifeMark, lifeLabels } from './life-mark.tsx';

interface DeviceStateProps {
  readonly device: Pick<Device, 'status' | 'lastSeen'>;
}

/** Online, late or offline by shape, colour and word. Late: a heartbeat that should be there is not. */
export function DeviceState({ device: { status, lastSeen } }: DeviceStateProps): React.ReactNode {
  const nowMs = useNow(5_000);
  const isLate = nowMs - Date.parse(lastSeen) > lateAfterMs;
  const word = status === 'OFFLINE' ? 'offline' : isLate ? 'late' : 'online';
  return (
    <span className={`device-state ${word}`}>
      <LifeMark word={word} />
      {lifeLabels[word]}
    </span>
  );
}
