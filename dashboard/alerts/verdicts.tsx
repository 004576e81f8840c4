import type { AlertVerdict } from '../../contracts/alert.ts';
import type { ListedAlert } from '../api/answers.ts';
import './alerts.css';
import type { Deeds } from './use-deeds.ts';

const verdictLabels: Readonly<Record<AlertVerdict, string>> = { useful: 'Useful', noise: 'Noise' };

interface VerdictsProps {
  readonly alert: Pick<ListedAlert, 'alertId' | 'verdict'>;
  readonly deeds: Deeds;
}

/** Says whether the alert was of use: the score of the next such one learns from it. */
export function Verdicts({ alert, deeds }: VerdictsProps): React.ReactNode {
  return (
    <span className="alert-verdicts" role="group" aria-label="Was this alert useful?">
      {(['useful', 'noise'] as const).map((verdict) => (
        <button
          key={verdict}
          type="button"
          className="button button-small"
          title="The score of the next such alert learns from it"
          aria-pressed={alert.verdict === verdict}
          onClick={() => void deeds.act(alert, 'feedback', { verdict }, `Judged as ${verdict}.`)}
        >
          {verdictLabels[verdict]}
        </button>
      ))}
    </span>
  );
}
