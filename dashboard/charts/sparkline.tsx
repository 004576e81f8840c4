import { sparklinePath } from './sparkline-path.ts';
import './charts.css';

interface SparklineProps {
  /** [epoch ms, share of one], ascending. */
  readonly points: readonly (readonly [number, number])[];
  readonly fromMs: number;
  readonly toMs: number;
  /** A token of the style sheet. */
  readonly color: string;
}

const width = 96;
const height = 24;

/** A small curve of a share over time, drawn on the whole scale from 0 to 1. */
export function Sparkline({ points, fromMs, toMs, color }: SparklineProps): React.ReactNode {
  const path = sparklinePath(points, { fromMs, toMs, width, height });
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      aria-hidden="true"
    >
      <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--line)" />
      <path d={path} fill="none" stroke={`var(--${color})`} strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  );
}
