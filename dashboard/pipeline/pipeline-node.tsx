import type { PipelineStatus } from '../api/answers.ts';
import { formatCount, formatDuration, formatRate } from '../format/format-number.ts';
import './pipeline.css';
import { headHeight, type PictureNode, rowHeight } from './picture.ts';

/** A door, a topic or a pipeline with its figures. */
export function PipelineNode({ node }: { readonly node: PictureNode }): React.ReactNode {
  const { x, y, width, height, kind, status } = node;
  const radius = kind === 'topic' ? height / 2 : 8;
  const stopped = status?.state === 'stopped';
  return (
    <g className={`node node-${kind}${stopped ? ' node-stopped' : ''}`} transform={`translate(${x} ${y})`}>
      <rect width={width} height={height} rx={radius} />
      {status === null ? (
        <PlainLabel node={node} />
      ) : (
        <>
          <text className="node-name" x={12} y={20}>
            {node.label}
          </text>
          <StateMark status={status} x={width - 18} />
          <Figures status={status} width={width} />
        </>
      )}
    </g>
  );
}

const topicNames: Readonly<Record<string, string>> = {
  TELEMETRY: 'messaging',
  'telemetry.raw.v1': 'raw',
  'telemetry.enriched.v1': 'enriched',
};

function PlainLabel({ node }: { readonly node: PictureNode }): React.ReactNode {
  const middle = { x: node.width / 2, textAnchor: 'middle' } as const;
  const plain = topicNames[node.label];
  if (node.kind === 'door' || plain === undefined) {
    return (
      <text className="node-name" {...middle} y={node.height / 2 + 4}>
        {node.label}
      </text>
    );
  }
  return (
    <>
      <text className="node-name" {...middle} y={19}>
        {plain}
      </text>
      <text className="node-small" {...middle} y={34}>
        {node.label}
      </text>
    </>
  );
}

function StateMark({ status, x }: { readonly status: PipelineStatus; readonly x: number }): React.ReactNode {
  const cross = status.state === 'stopped';
  return (
    <g className={`state-mark state-${status.state}`} transform={`translate(${x} 11)`}>
      <title>{status.state}</title>
      {cross ? <path d="M0 0l9 9M9 0l-9 9" /> : <circle cx="4.5" cy="4.5" r="4.5" />}
    </g>
  );
}

interface Figure {
  readonly label: string;
  readonly value: string;
  readonly bad?: boolean;
}

function Figures({
  status,
  width,
}: {
  readonly status: PipelineStatus;
  readonly width: number;
}): React.ReactNode {
  const whole = wholeFigures(status);
  const stages = status.stages.map(stageFigure);
  const below = headHeight + whole.length * rowHeight;
  return (
    <>
      {whole.map((figure, row) => (
        <FigureLine
          key={figure.label}
          figure={figure}
          y={headHeight + (row + 1) * rowHeight - 5}
          width={width}
        />
      ))}
      {stages.length === 0 ? null : (
        <line className="node-rule" x1={0} x2={width} y1={below + 4} y2={below + 4} />
      )}
      {stages.map((figure, row) => (
        <FigureLine
          key={figure.label}
          figure={figure}
          y={below + 9 + (row + 1) * rowHeight - 5}
          width={width}
        />
      ))}
    </>
  );
}

function wholeFigures({ ratePerSecond, lag, latencyMs, deadLetters }: PipelineStatus): readonly Figure[] {
  const figures: Figure[] = [
    { label: 'rate', value: `${formatRate(ratePerSecond)} /s` },
    { label: 'lag', value: formatCount(lag) },
    { label: 'p99', value: formatDuration(latencyMs.p99) },
  ];
  if (deadLetters > 0) figures.push({ label: 'dead letters', value: formatCount(deadLetters), bad: true });
  return figures;
}

function stageFigure({ name, ratePerSecond, deadLetters }: PipelineStatus['stages'][number]): Figure {
  if (deadLetters > 0) return { label: name, value: `${formatCount(deadLetters)} dead`, bad: true };
  return { label: name, value: `${formatRate(ratePerSecond)} /s` };
}

interface FigureLineProps {
  readonly figure: Figure;
  readonly y: number;
  readonly width: number;
}

const lengthAdjust = 'spacingAndGlyphs';
/** Of a letter of either, about. */
const letterWidth = 7;

/** A label that would meet its value is drawn narrower. */
function FigureLine({ figure, y, width }: FigureLineProps): React.ReactNode {
  const room = width - 28 - figure.value.length * letterWidth;
  const narrow = figure.label.length * letterWidth > room ? { textLength: room, lengthAdjust } : {};
  return (
    <>
      <text className="node-label" x={12} y={y} {...narrow}>
        {figure.label}
      </text>
      <text
        className={figure.bad === true ? 'node-value bad' : 'node-value'}
        x={width - 10}
        y={y}
        textAnchor="end"
      >
        {figure.value}
      </text>
    </>
  );
}
