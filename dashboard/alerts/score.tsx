import type { ListedAlert } from '../api/answers.ts';
import { shareOut } from './share-out.ts';
import './alerts.css';

type Scored = Pick<ListedAlert, 'score' | 'terms'>;

/** The score as a number and a bar of 100. */
export function Score({ score }: Pick<ListedAlert, 'score'>): React.ReactNode {
  return (
    <span className="alert-score" title={`Score ${score.toFixed(1)} of 100`}>
      <span className="visually-hidden">Score </span>
      <strong>{Math.round(score)}</strong>
      <span className="alert-score-bar" aria-hidden="true">
        <span style={{ width: `${score}%` }} />
      </span>
    </span>
  );
}

/** What the score is made of, the largest first, what feedback takes with a minus: the numbers add up to it. */
export function ScoreChips({ terms }: Scored): React.ReactNode {
  const shares = shareOut(
    terms.map(({ points }) => points),
    0,
  );
  const chips = terms
    .map((term, at) => ({ ...term, share: shares[at] ?? 0 }))
    .filter(({ share }) => share !== 0)
    .sort((a, b) => Math.abs(b.share) - Math.abs(a.share));
  return (
    <ul className="alert-chips" aria-label="What the score is made of">
      {chips.map(({ name, reason, share }) => (
        <li key={name} title={reason} data-learned={isLearned(name) ? '' : undefined}>
          {isLearned(name) ? reason : name} <strong>{share < 0 ? `−${-share}` : share}</strong>
        </li>
      ))}
    </ul>
  );
}

/** It comes from what people made of such alerts: its reason says more than its name. */
function isLearned(name: string): boolean {
  return name.startsWith('feedback-');
}

/** Every term with its reason, and the sum. */
export function ScoreTable({ terms }: Scored): React.ReactNode {
  const shares = shareOut(
    terms.map(({ points }) => points),
    1,
  );
  const sum = shares.reduce((total, share) => total + share, 0);
  return (
    <div className="alert-terms" tabIndex={0} role="region" aria-label="Terms of the score, scrollable">
      <table>
        <thead>
          <tr>
            {['Term', 'Why', 'Value × weight', 'Points'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {terms.map(({ name, reason, value, weight }, at) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{reason}</td>
              <td>
                {value.toFixed(2)} × {Number(weight.toFixed(2))}
              </td>
              <td>{(shares[at] ?? 0).toFixed(1)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={3}>
              Score
            </th>
            <td data-total={sum.toFixed(1)}>{sum.toFixed(1)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
