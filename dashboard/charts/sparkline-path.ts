interface SparklineFrame {
  readonly fromMs: number;
  readonly toMs: number;
  readonly width: number;
  readonly height: number;
}

/** The SVG path of shares of one over time; '' without points. What lies outside the frame is clamped to it. */
export function sparklinePath(points: readonly (readonly [number, number])[], frame: SparklineFrame): string {
  const { fromMs, toMs, width, height } = frame;
  return points
    .map(([timeMs, share], index) => {
      const x = clamp((timeMs - fromMs) / (toMs - fromMs)) * width;
      const y = height - 1.5 - clamp(share) * (height - 3);
      return `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
