import type { JudgedShare, NoiseStats, SuppressionStats } from '../../contracts/incident.ts';
import { Unanswered } from '../blanks/unanswered.tsx';
import { formatCount } from '../format/format-number.ts';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import { useAlertStats } from './use-alerts.ts';
import { useNoise, useSuppression } from './use-incidents.ts';

type Figure = readonly [name: string, figure: string, meaning: string];

/** How much is folded and hidden, always with how often that was wrong. */
export function NoiseFigures(): React.ReactNode {
  const answers = [useAlertStats(), useNoise(), useSuppression()] as const;
  const [{ data: stats }, { data: noise }, { data: hidden }] = answers;
  if (stats === undefined || noise === undefined || hidden === undefined) {
    const failed = answers.filter(({ data, error }) => data === undefined && error !== null);
    const retry = (): void => failed.forEach(({ refetch }) => void refetch());
    const error = failed[0]?.error ?? null;
    return <Unanswered rows={7} rowHeight={44} what="the figures" error={error} onRetry={retry} />;
  }
  return (
    <>
      <CompletenessNote of={stats.completeness} />
      <dl className="noise-figures">
        {[...rankingOf(noise), ...hidingOf(hidden)].map(([name, figure, meaning]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <strong>{figure}</strong>
              <span className="quiet">{meaning}</span>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function rankingOf(noise: NoiseStats): readonly Figure[] {
  const { reports, incidents, reduction, topOfDay, precisionAtTop, missed, overMerged, fragmented } = noise;
  return [
    [
      'Reduction',
      reduction === null ? 'Not known' : percent(reduction, 2),
      `${formatCount(reports)} reports are ${formatCount(incidents)} incidents to look at`,
    ],
    judged(
      `Precision at ${topOfDay}`,
      precisionAtTop,
      `judged incidents among the first ${topOfDay} of their day were useful`,
    ),
    judged('Missed', missed, `useful incidents were hidden, or not among the first ${topOfDay} of their day`),
    judged(
      'Over-merged',
      overMerged,
      'incidents with two or more judged alerts have both useful ones and noise',
    ),
    judged('Fragmented', fragmented, 'useful incidents have another one within an hour on the same device'),
  ];
}

function hidingOf(stats: SuppressionStats): readonly Figure[] {
  const { hidden, byWindow, byParent, byHabit, total, reviewed, sampled, wrong, falseRate } = stats;
  return [
    [
      'Hidden',
      `${formatCount(hidden)} of ${formatCount(total)} alerts`,
      `${formatCount(byWindow)} by windows, ${formatCount(byParent)} by a parent, ${formatCount(byHabit)} as usual silence`,
    ],
    judged(
      'Hidden wrongly',
      { found: wrong, of: reviewed, rate: falseRate },
      `judged, of ${formatCount(sampled)} chosen at random for review`,
    ),
  ];
}

/** A rate with what it rests on: its interval of 95 %, and the counts that `words` tell of. */
function judged(name: string, { found, of, rate }: JudgedShare, words: string): Figure {
  const counts = `${formatCount(found)} of ${formatCount(of)} ${words}`;
  if (rate === null) return [name, 'Not known', counts];
  return [name, percent(rate.rate), `${percent(rate.low)} to ${percent(rate.high)} (95 %): ${counts}`];
}

function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}
