import type { Severity } from '../api/answers.ts';
import { useView } from '../app-context.tsx';
import { severities } from '../view/view.ts';
import './events.css';
import { SeverityMark } from './severity-mark.tsx';

interface SeverityFilterProps {
  /** What stands beside a severity's name, such as its rate. */
  readonly figureOf: (severity: Severity) => string;
}

/** Names the severities' colours and lets each be chosen; none chosen means all. */
export function SeverityFilter({ figureOf }: SeverityFilterProps): React.ReactNode {
  const [view, change] = useView();
  function toggle(severity: Severity): void {
    const chosen = view.severities.includes(severity);
    change({
      severities: severities.filter((one) => (one === severity ? !chosen : view.severities.includes(one))),
    });
  }
  return (
    <div className="severity-filter" role="group" aria-label="Severity">
      {severities.map((severity) => (
        <button
          key={severity}
          type="button"
          aria-pressed={view.severities.includes(severity)}
          className={view.severities.length > 0 && !view.severities.includes(severity) ? 'off' : ''}
          onClick={() => toggle(severity)}
        >
          <SeverityMark severity={severity} />
          {severityLabels[severity]}
          <span className="quiet">{figureOf(severity)}</span>
        </button>
      ))}
    </div>
  );
}

export const severityLabels: Readonly<Record<Severity, string>> = {
  DEBUG: 'Debug',
  INFO: 'Info',
  WARNING: 'Warning',
  ERROR: 'Error',
  CRITICAL: 'Critical',
};
