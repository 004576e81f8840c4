import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import { formatClock, formatMinute } from '../format/format-time.ts';
import type { Zone } from '../view/preference-store.ts';
import './charts.css';
import type { Palette } from './use-palette.ts';
import { useElementWidth } from './use-element-width.ts';

export interface ChartSeries {
  readonly name: string;
  /** A token of the style sheet. */
  readonly color: string;
  readonly values: readonly (number | null)[];
}

export interface TimeChartProps {
  /** What a screen reader says of the picture. */
  readonly label: string;
  readonly timesMs: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly kind: 'bars' | 'line';
  readonly fromMs: number;
  readonly toMs: number;
  readonly height: number;
  /** The top of the scale; the data decides where it is absent. */
  readonly maximum?: number;
  readonly format: (value: number) => string;
  readonly zone: Zone;
  readonly palette: Palette;
  readonly onZoom?: (fromMs: number, toMs: number) => void;
  /** The index under the pointer, or null. */
  readonly onPoint?: (index: number | null) => void;
}

/** Values over time. New data is drawn into the same picture; only another look makes a new one. */
export function TimeChart(props: TimeChartProps): React.ReactNode {
  const [box, width] = useElementWidth<HTMLDivElement>();
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const look = props.series.map(({ name, color }) => `${name} ${color}`).join();
  const { height, kind, zone, palette } = props;
  const known = width > 0;
  useEffect(() => {
    if (box.current === null || !known) return;
    const made = new uPlot(optionsOf(latest, box.current.clientWidth), dataOf(latest.current), box.current);
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = null;
    };
  }, [box, known, look, height, kind, zone, palette]);
  useEffect(() => {
    if (width > 0) plot.current?.setSize({ width, height });
  }, [width, height]);
  const { timesMs, series, fromMs, toMs } = props;
  useEffect(() => {
    plot.current?.setData(dataOf(latest.current));
  }, [timesMs, series, fromMs, toMs]);
  return <div ref={box} className="time-chart" role="img" aria-label={props.label} style={{ height }} />;
}

function dataOf({ timesMs, series }: TimeChartProps): uPlot.AlignedData {
  return [timesMs.map((timeMs) => timeMs / 1_000), ...series.map(({ values }) => [...values])];
}

function optionsOf(latest: React.RefObject<TimeChartProps>, width: number): uPlot.Options {
  const props = latest.current;
  return {
    width,
    height: props.height,
    padding: [10, 18, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: props.kind === 'line' },
      drag: { x: true, y: false, setScale: false },
    },
    scales: {
      x: { range: () => [latest.current.fromMs / 1_000, latest.current.toMs / 1_000] },
      y: { range: (_plot, _low, high) => [0, latest.current.maximum ?? Math.max(1, high * 1.1)] },
    },
    axes: axesOf(props),
    series: [{}, ...props.series.map((series) => seriesOf(series, props))],
    hooks: {
      setSelect: [(plot) => zoom(plot, latest.current)],
      setCursor: [(plot) => latest.current.onPoint?.(plot.cursor.idx ?? null)],
    },
  };
}

function zoom(plot: uPlot, { onZoom }: TimeChartProps): void {
  const { left, width } = plot.select;
  if (width < 4) return;
  onZoom?.(plot.posToVal(left, 'x') * 1_000, plot.posToVal(left + width, 'x') * 1_000);
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
}

/** Steps of the scale that one decimal can print. */
const steps = Array.from({ length: 14 }, (_, exponent) => 10 ** (exponent - 1)).flatMap((power) => [
  power,
  2 * power,
  5 * power,
]);

function axesOf({ palette, zone, format }: TimeChartProps): uPlot.Axis[] {
  const look = { stroke: palette('text-quiet'), font: '11px system-ui, sans-serif', ticks: { show: false } };
  const grid = { stroke: palette('line'), width: 1 };
  return [
    {
      ...look,
      grid: { show: false },
      size: 26,
      space: 70,
      values: (_plot, splits, _axis, _space, increment) =>
        splits.map((at) => (increment < 60 ? formatClock : formatMinute)(at * 1_000, zone)),
    },
    {
      ...look,
      grid,
      size: 52,
      space: 36,
      incrs: steps,
      values: (_plot, splits) => splits.map((value) => format(value)),
    },
  ];
}

function seriesOf({ name, color }: ChartSeries, { kind, palette }: TimeChartProps): uPlot.Series {
  const stroke = palette(color);
  const points = { show: false };
  if (kind === 'line') return { label: name, stroke, width: 1.75, points };
  const bars = uPlot.paths.bars?.({ size: [0.86, 48], align: 1 });
  return { label: name, fill: stroke, width: 0, points, ...(bars === undefined ? {} : { paths: bars }) };
}
