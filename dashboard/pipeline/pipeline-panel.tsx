import type { PipelineStatus } from '../api/answers.ts';
import { Blank } from '../blanks/blank.tsx';
import { Unanswered } from '../blanks/unanswered.tsx';
import { useElementWidth } from '../charts/use-element-width.ts';
import { formatRate } from '../format/format-number.ts';
import { useRecentRate } from '../overview/use-figures.ts';
import { CompletenessNote } from '../shell/completeness-note.tsx';
import { PipelineFigures } from './pipeline-figures.tsx';
import { PipelineNode } from './pipeline-node.tsx';
import './pipeline.css';
import { drawPicture } from './picture.ts';
import { usePipelines } from './use-pipelines.ts';

/** Narrower than this, the picture runs down the page. */
const acrossWidth = 1_000;

/** The way of an event through the platform, with live figures. */
export function PipelinePanel(): React.ReactNode {
  const { data } = useRecentRate();
  return (
    <section className="panel" id="pipeline" aria-labelledby="pipeline-title">
      <header className="panel-head">
        <h2 id="pipeline-title">Pipeline</h2>
        <span className="quiet">The way of an event, from agent to stores</span>
        <CompletenessNote of={data?.completeness} />
      </header>
      <PipelineBody />
    </section>
  );
}

function PipelineBody(): React.ReactNode {
  const { data, error, refetch } = usePipelines();
  if (data === undefined) {
    return (
      <Unanswered rows={7} rowHeight={44} what="the pipeline" error={error} onRetry={() => void refetch()} />
    );
  }
  if (data.items.length === 0) {
    return (
      <Blank title="No pipeline runs in this process">
        <p>
          Start one with <code>npx openframe up</code>.
        </p>
      </Blank>
    );
  }
  return (
    <>
      <PipelinePicture statuses={data.items} />
      <PipelineFigures statuses={data.items} />
    </>
  );
}

function PipelinePicture({ statuses }: { readonly statuses: readonly PipelineStatus[] }): React.ReactNode {
  const [box, width] = useElementWidth<HTMLDivElement>();
  const picture = drawPicture(statuses, width >= acrossWidth ? 'across' : 'down', width);
  return (
    <div ref={box} className="pipeline-picture">
      {width === 0 ? null : (
        <svg
          role="img"
          aria-label={describe(statuses)}
          viewBox={`0 0 ${Math.max(picture.width, 1)} ${picture.height}`}
          style={{ maxWidth: picture.width, minHeight: 0 }}
        >
          <defs>
            <marker
              id="arrow"
              viewBox="0 0 6 6"
              refX="1"
              refY="3"
              markerWidth="6"
              markerHeight="6"
              markerUnits="userSpaceOnUse"
              orient="auto"
            >
              <path className="arrow-head" d="M0 0l6 3-6 3z" />
            </marker>
          </defs>
          {picture.edges.map(({ id, path, ratePerSecond }) => (
            <path
              key={id}
              className={ratePerSecond > 0 ? 'edge edge-moving' : 'edge'}
              d={path}
              markerEnd="url(#arrow)"
            />
          ))}
          {picture.nodes.map((node) => (
            <PipelineNode key={node.id} node={node} />
          ))}
        </svg>
      )}
    </div>
  );
}

function describe(statuses: readonly PipelineStatus[]): string {
  const parts = statuses.map(({ name, state, ratePerSecond, lag }) =>
    state === 'running' ? `${name}: ${formatRate(ratePerSecond)} a second, lag ${lag}` : `${name}: ${state}`,
  );
  return `Pipelines. ${parts.join('. ')}. The table below has all figures.`;
}
