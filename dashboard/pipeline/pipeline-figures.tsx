import type { PipelineStatus } from '../api/answers.ts';
import { formatCount, formatDuration, formatRate } from '../format/format-number.ts';
import './pipeline.css';

/** The picture's figures as a table, folded away. */
export function PipelineFigures({
  statuses,
}: {
  readonly statuses: readonly PipelineStatus[];
}): React.ReactNode {
  return (
    <details className="pipeline-figures">
      <summary>All figures as a table</summary>
      <div
        className="pipeline-scroll"
        tabIndex={0}
        role="region"
        aria-label="Figures of the pipelines, scrollable"
      >
        <table>
          <thead>
            <tr>
              {[
                'Pipeline',
                'Stage',
                'State',
                'In',
                'Out',
                'Dropped',
                'Dead letters',
                'Rate',
                'Lag',
                'p50',
                'p99',
              ].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{statuses.map((status) => pipelineRows(status))}</tbody>
        </table>
      </div>
    </details>
  );
}

function pipelineRows(status: PipelineStatus): React.ReactNode {
  const { name, latencyMs } = status;
  return [
    <tr key={name}>
      <th scope="row">{name}</th>
      <td>all</td>
      <td>{status.state}</td>
      <td>{formatCount(status.recordsIn)}</td>
      <td>{formatCount(status.recordsOut)}</td>
      <td />
      <td>{formatCount(status.deadLetters)}</td>
      <td>{formatRate(status.ratePerSecond)} /s</td>
      <td>{formatCount(status.lag)}</td>
      <td>{formatDuration(latencyMs.p50)}</td>
      <td>{formatDuration(latencyMs.p99)}</td>
    </tr>,
    ...status.stages.map((stage) => (
      <tr key={`${name} ${stage.name}`}>
        <th scope="row">{name}</th>
        <td>{stage.name}</td>
        <td />
        <td>{formatCount(stage.recordsIn)}</td>
        <td>{formatCount(stage.emitted)}</td>
        <td>{droppedText(stage.dropped)}</td>
        <td>{formatCount(stage.deadLetters)}</td>
        <td>{formatRate(stage.ratePerSecond)} /s</td>
        <td colSpan={3} />
      </tr>
    )),
  ];
}

function droppedText(dropped: Readonly<Record<string, number>>): string {
  return Object.entries(dropped)
    .map(([reason, count]) => `${formatCount(count)} ${reason}`)
    .join(', ');
}
