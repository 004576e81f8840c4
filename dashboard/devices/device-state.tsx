import type { Device } from '../api/answers.ts';
import './devices.css';

/** Online or offline by shape, colour and word. */
export function DeviceState({ status }: { readonly status: Device['status'] }): React.ReactNode {
  const online = status === 'ONLINE';
  return (
    <span className={online ? 'device-state online' : 'device-state'}>
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        {online ? (
          <circle cx="6" cy="6" r="4.5" fill="currentColor" />
        ) : (
          <path d="M2 2l8 8M10 2l-8 8" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
        )}
      </svg>
      {online ? 'Online' : 'Offline'}
    </span>
  );
}
