import { useView } from '../app-context.tsx';
import { formatCount } from '../format/format-number.ts';
import { useDeviceCounts } from './use-devices.ts';

interface DevicePagesProps {
  readonly shown: number;
  readonly next: string | null;
}

/** The way through many devices, a step of the history for each page. */
export function DevicePages({ shown, next }: DevicePagesProps): React.ReactNode {
  const [view, change] = useView();
  const { counts } = useDeviceCounts();
  const filtered = view.deviceSearch !== '' || view.deviceStatus !== null;
  const whole = !filtered && counts !== undefined ? ` of ${formatCount(counts.total)}` : '';
  if (next === null && view.deviceCursor === null) return null;
  return (
    <footer className="device-pages">
      <span className="quiet">
        {shown}
        {whole} shown
      </span>
      <span className="spring" />
      <button
        type="button"
        className="button button-small"
        disabled={view.deviceCursor === null}
        onClick={() => change({ deviceCursor: null })}
      >
        First page
      </button>
      <button
        type="button"
        className="button button-small"
        disabled={view.deviceCursor === null}
        onClick={() => window.history.back()}
      >
        Back
      </button>
      <button
        type="button"
        className="button button-small"
        disabled={next === null}
        onClick={() => change({ deviceCursor: next })}
      >
        Next page
      </button>
    </footer>
  );
}
