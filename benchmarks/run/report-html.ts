import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import type { BenchReport } from '../report.ts';
import { describeReport } from './report-text.ts';
import type { Sample } from './phase.ts';
import type { RoundResult } from './round.ts';

/** A series to draw: seconds on the x axis. */
interface Plot {
  readonly title: string;
  readonly unit: string;
  readonly names: readonly string[];
  /** The seconds, then a row of values for each name. */
  readonly data: readonly (readonly number[])[];
}

/** The report as one HTML file that needs nothing from anywhere: the text, and plots over time by uPlot. */
export async function reportAsHtml(report: BenchReport): Promise<string> {
  const require = createRequire(import.meta.url);
  const [script, style] = await Promise.all([
    readFile(require.resolve('uplot/dist/uPlot.iife.min.js'), 'utf8'),
    readFile(require.resolve('uplot/dist/uPlot.min.css'), 'utf8'),
  ]);
  const plots = report.rounds.flatMap((round, i) => plotsOf(round.details as RoundResult, i + 1));
  const title = `OpenFrame bench: ${report.verdict}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(title)}</title>
<style>${style}
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 1000px; padding: 0 1rem; }
pre { overflow-x: auto; padding: 1rem; border: 1px solid #8886; border-radius: 6px; }
.plot { margin: 2rem 0; background: #fff; color: #111; border-radius: 6px; padding: .5rem; overflow-x: auto; }
</style>
<h1>${escape(title)}</h1>
<pre>${escape(describeReport(report))}</pre>
<div id="plots"></div>
<script>${script}</script>
<script type="application/json" id="data">${json(plots)}</script>
<script type="application/json" id="report">${json(report)}</script>
<script>
const colors = ['#2563eb', '#dc2626', '#059669', '#d97706', '#7c3aed'];
for (const plot of JSON.parse(document.getElementById('data').textContent)) {
  const box = document.createElement('div');
  box.className = 'plot';
  document.getElementById('plots').append(box);
  const series = plot.names.map((label, i) => ({ label, stroke: colors[i % colors.length], width: 1.5 }));
  new uPlot({
    title: plot.title,
    width: Math.min(960, document.body.clientWidth - 20),
    height: 260,
    scales: { x: { time: false } },
    axes: [{ label: 'seconds' }, { label: plot.unit, size: 80 }],
    series: [{ label: 's' }, ...series],
  }, plot.data, box);
}
</script>
</html>
`;
}

function plotsOf({ samples }: RoundResult, round: number): Plot[] {
  const seconds = samples.map((sample) => sample.second);
  const pipelines = Object.keys(samples[0]?.lag ?? {});
  const one = (title: string, unit: string, value: (sample: Sample) => number): Plot => ({
    title: `${title}, round ${round}`,
    unit,
    names: [title],
    data: [seconds, samples.map(value)],
  });
  return [
    one('Stored a second', 'events/s', (sample) => sample.storedPerSecond),
    one('p99 of the last half minute', 'ms', (sample) => sample.p99Ms),
    {
      title: `Lag, round ${round}`,
      unit: 'records',
      names: pipelines,
      data: [seconds, ...pipelines.map((name) => samples.map((sample) => sample.lag[name] ?? 0))],
    },
  ];
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** JSON that cannot end the script element it stands in. */
function json(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
