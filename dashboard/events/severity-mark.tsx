import type { Severity } from '../api/answers.ts';
import './events.css';

const shapes: Readonly<Record<Severity, React.ReactNode>> = {
  DEBUG: <circle cx="6" cy="6" r="2.5" fill="currentColor" />,
  INFO: <circle cx="6" cy="6" r="4.2" fill="currentColor" />,
  WARNING: <path d="M6 1.2 11.2 10.6H.8z" fill="currentColor" />,
  ERROR: <rect x="1.6" y="1.6" width="8.8" height="8.8" rx="1" fill="currentColor" />,
  CRITICAL: <path d="M6 .4 11.6 6 6 11.6.4 6z" fill="currentColor" />,
};

/** A severity's own shape and colour. */
export function SeverityMark({ severity }: { readonly severity: Severity }): React.ReactNode {
  return (
    <svg
      className="severity-mark"
      viewBox="0 0 12 12"
      width="12"
      height="12"
      aria-hidden="true"
      style={{ color: `var(--severity-${severity.toLowerCase()})` }}
    >
      {shapes[severity]}
    </svg>
  );
}
