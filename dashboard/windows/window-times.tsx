import { useApp, usePreferences } from '../app-context.tsx';
import { formatExact } from '../format/format-time.ts';
import type { WindowTime } from './use-windows.ts';

export function isNow({ start }: WindowTime, nowMs: number): boolean {
  return Date.parse(start) <= nowMs;
}

/** When it is, the time that goes on marked. */
export function WindowTimes({ times }: { readonly times: readonly WindowTime[] }): React.ReactNode {
  const { nowMs } = useApp();
  const [{ zone }] = usePreferences();
  if (times.length === 0) return <p className="quiet">It is over and does not come again.</p>;
  return (
    <ol>
      {times.map((time) => (
        <li key={time.start}>
          <time dateTime={time.start}>{formatExact(Date.parse(time.start), zone)}</time> for{' '}
          {Math.round((Date.parse(time.end) - Date.parse(time.start)) / 60_000)} min
          {isNow(time, nowMs()) ? <span className="setting-mark"> now</span> : null}
        </li>
      ))}
    </ol>
  );
}
