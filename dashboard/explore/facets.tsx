import type { Completeness } from '../../contracts/completeness.ts';
import { Failed } from '../blanks/blank.tsx';
import { Skeleton } from '../blanks/skeleton.tsx';
import { severityLabels } from '../events/severity-filter.tsx';
import { SeverityMark } from '../events/severity-mark.tsx';
import { formatCount } from '../format/format-number.ts';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import { severities } from '../view/view.ts';
import { type Grouping, type ListFilter, listFilters } from './explore-state.ts';
import './explore.css';
import type { Question } from './question.ts';
import { questionParams, useAnswer } from './use-explore.ts';

interface FacetsAnswer {
  readonly completeness?: Completeness;
  readonly facets: Readonly<Record<Grouping, readonly FacetValue[]>>;
}
interface FacetValue {
  readonly value: string;
  readonly label: string;
  readonly count: number;
}

const titles: Readonly<Record<Grouping, string>> = {
  severity: 'Severity',
  eventType: 'Type',
  toolType: 'Tool',
  organizationId: 'Organization',
  deviceId: 'Device',
};
const shownValues = 12;

/** Which values the rows have, or would with one value more; each narrows the question, or widens it again. */
export function Facets(question: Question): React.ReactNode {
  const { state, window } = question;
  const { data, error, refetch } = useAnswer<FacetsAnswer>('/events/facets', {
    ...questionParams(state, window),
    limit: shownValues,
    count: 'others',
  });
  return (
    <aside className="panel facets" aria-label="Facets">
      {data === undefined && error === null ? <Skeleton rows={14} rowHeight={28} /> : null}
      {data === undefined && error !== null ? (
        <Failed what="the facets" error={error} onRetry={() => void refetch()} />
      ) : null}
      {data !== undefined && Object.values(data.facets).every((values) => values.length === 0) ? (
        <p className="facets-none quiet">Nothing to narrow by.</p>
      ) : null}
      {data === undefined
        ? null
        : (Object.keys(titles) as Grouping[]).map((facet) => (
            <Facet key={facet} facet={facet} values={data.facets[facet]} {...question} />
          ))}
      <p className="facets-none">
        <CompletenessNote of={data?.completeness} />
      </p>
    </aside>
  );
}

interface FacetProps extends Question {
  readonly facet: Grouping;
  readonly values: readonly FacetValue[];
}

function Facet({ facet, values, state, change }: FacetProps): React.ReactNode {
  const name = (Object.keys(listFilters) as ListFilter[]).find((one) => listFilters[one] === facet);
  const chosen: readonly string[] =
    name === undefined ? (state.deviceId === null ? [] : [state.deviceId]) : state[name];
  const known = new Set(values.map(({ value }) => value));
  const gone = chosen.filter((value) => !known.has(value));
  const shown = [...values, ...gone.map((value) => ({ value, label: value, count: 0 }))];
  if (shown.length === 0) return null;
  const most = Math.max(1, ...shown.map(({ count }) => count));
  function toggle(value: string): void {
    const on = chosen.includes(value);
    if (name === undefined) return change({ deviceId: on ? null : value });
    if (name === 'severities') {
      return change({
        severities: severities.filter((one) => (one === value ? !on : chosen.includes(one))),
      });
    }
    change({ [name]: on ? chosen.filter((one) => one !== value) : [...chosen, value] });
  }
  return (
    <details className="facet" open>
      <summary>
        {titles[facet]}{' '}
        {values.length < shownValues ? null : <span className="quiet">top {shownValues}</span>}
      </summary>
      <ul>
        {shown.map(({ value, label, count }) => (
          <li key={value}>
            <button
              type="button"
              aria-pressed={chosen.includes(value)}
              title={value}
              onClick={() => toggle(value)}
            >
              <span className="facet-bar" style={{ width: `${(count / most) * 100}%` }} />
              <FacetLabel facet={facet} value={value} label={label} />
              <span className="facet-count">{formatCount(count)}</span>
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

function FacetLabel({
  facet,
  value,
  label,
}: {
  facet: Grouping;
  value: string;
  label: string;
}): React.ReactNode {
  const severity = facet === 'severity' ? severities.find((one) => one === value) : undefined;
  if (severity === undefined) return <span className="facet-label">{label}</span>;
  return (
    <span className="facet-label">
      <SeverityMark severity={severity} /> {severityLabels[severity]}
    </span>
  );
}
