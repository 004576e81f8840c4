import type { JudgedShare, NoiseStats, SuppressionStats } from '../../contracts/incident.ts';
import { Failed } from '../blanks/blank.tsx';
import { formatCount } from '../format/format-number.ts';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import { useAlertStats } from './use-alerts.ts';
import { useNoise, useSuppression } from './use-incidents.ts';

type Figure = readonly [name: string, figure: string, meaning: string];

/** How much is folded and hidden, always with how often that was wrong. */
export function NoiseFigures(): React.ReactNode {
  const { data: stats } = useAlertStats();
  const { data: noise, error, refetch } = useNoise();
  const { data: hidden } = useSuppression();
  if (noise === undefined && error !== null) {
    return <Failed what="the figures" error={error} onRetry={() => void refetch()} />;
  }
  if (stats === undefined || noise === undefined || hidden === undefined) return <p className="quiet">…</p>;
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
    [
      `Precision at ${topOfDay}`,
      rateOf(precisionAtTop),
      `${boundsOf(precisionAtTop)}${countsOf(precisionAtTop)} judged incidents among the first ${topOfDay} of their day were useful`,
    ],
    [
      'Missed',
      rateOf(missed),
      `${boundsOf(missed)}${countsOf(missed)} useful incidents were hidden, or not among the first ${topOfDay} of their day`,
    ],
    [
      'Over-merged',
      rateOf(overMerged),
      `${boundsOf(overMerged)}${countsOf(overMerged)} incidents with two or more judged alerts have both useful ones and noise`,
    ],
    [
      'Fragmented',
      rateOf(fragmented),
      `${boundsOf(fragmented)}${countsOf(fragmented)} useful incidents have another one within an hour on the same device`,
    ],
  ];
}

function hidingOf(stats: SuppressionStats): readonly Figure[] {
  const { hidden, byWindow, byParent, byHabit, total, reviewed, sampled, wrong, falseRate } = stats;
  const judged = { found: wrong, of: reviewed, rate: falseRate };
  return [
    [
      'Hidden',
      `${formatCount(hidden)} of ${formatCount(total)} alerts`,
      `${formatCount(byWindow)} by windows, ${formatCount(byParent)} by a parent, ${formatCount(byHabit)} as usual silence`,
    ],
    [
      'Hidden wrongly',
      rateOf(judged),
      `${boundsOf(judged)}${formatCount(wrong)} of ${formatCount(reviewed)} judged, of ${formatCount(sampled)} chosen at random for review`,
    ],
  ];
}

function countsOf({ found, of }: JudgedShare): string {
  return `${formatCount(found)} of ${formatCount(of)}`;
}

function rateOf({ rate }: JudgedShare): string {
  return rate === null ? 'Not known' : percent(rate.rate);
}

/** What the rate rests on allows for: its interval of 95 %. */
function boundsOf({ rate }: JudgedShare): string {
  return rate === null ? '' : `${percent(rate.low)} to ${percent(rate.high)} (95 %): `;
}

function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}
