import { mkdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Command } from 'commander';

import { createMetricAnomaly } from '../alerting/detectors/metric/metric-anomaly.ts';
import { type NabLabels, readLabels, windowRows, windowsOf } from '../benchmarks/nab/labels.ts';
import { type NabResult, type NabSeries, scoreNab } from '../benchmarks/nab/score.ts';
import { scoreFile } from '../benchmarks/nab/score-file.ts';
import { messageOf, OpenFrameError } from '../contracts/errors.ts';
import { jsonOption } from './options.ts';
import { note, printResult, table } from './output.ts';
import { createProgress } from './progress.ts';

interface BenchDetectOptions {
  readonly out: string;
  readonly labels?: string;
  readonly json?: boolean;
}

interface DetectReport {
  readonly detector: string;
  readonly version: number;
  readonly files: readonly { readonly file: string; readonly rows: number; readonly detections: number }[];
  readonly microsecondsPerPoint: number;
  /** Null without labels, or where no file has a labelled window. */
  readonly nab: readonly NabResult[] | null;
}

export function benchDetectCommand(): Command {
  return new Command('detect')
    .description(
      'anomaly scores for series in CSV (timestamp,value), by the detector that runs in the stream',
    )
    .argument('<file...>', 'CSV files with the columns timestamp,value; one series each')
    .requiredOption(
      '--out <folder>',
      'where timestamp,value,anomaly_score goes, a file of the same name for each',
    )
    .option('--labels <file>', "NAB's combined_windows.json: prints NAB's scores")
    .addOption(jsonOption())
    .action(async (files: string[], options: BenchDetectOptions) => {
      const report = await detect(files, options);
      printResult(report, options, () => describe(report));
    });
}

async function detect(files: readonly string[], options: BenchDetectOptions): Promise<DetectReport> {
  const outputs = outputsOf(files, options.out);
  const labels = options.labels === undefined ? null : await readLabels(options.labels);
  const labelled = labels === null ? null : files.map((file) => windowsOf(labels, resolve(file)));
  const sizes = await Promise.all(files.map(fileSize));
  await mkdir(options.out, { recursive: true });
  const detector = createMetricAnomaly();
  const total = sizes.reduce((sum, size) => sum + size, 0);
  using progress = createProgress('detecting', total);
  const reports: { file: string; rows: number; detections: number }[] = [];
  const corpus: NabSeries[] = [];
  let doneBytes = 0;
  let detectorMs = 0;
  let points = 0;
  for (const [i, file] of files.entries()) {
    const output = outputs[i] ?? '';
    const onProgress = (readBytes: number): void => progress.update(doneBytes + readBytes, file);
    const scored = await scoreFile(detector, file, output, { keep: labels !== null, onProgress });
    reports.push({ file: output, rows: scored.rows, detections: scored.detections });
    const windows = labelled?.[i];
    if (windows !== undefined) {
      corpus.push({ name: file, scores: scored.scores, windows: windowRows(file, windows, scored.timesMs) });
    }
    doneBytes += sizes[i] ?? 0;
    detectorMs += scored.detectorMs;
    points += scored.rows;
  }
  return {
    detector: detector.name,
    version: detector.version,
    files: reports,
    microsecondsPerPoint: Math.round((10_000 * detectorMs) / points) / 10,
    nab: labels === null ? null : nabOf(corpus, labels),
  };
}

function nabOf(corpus: readonly NabSeries[], labels: NabLabels): readonly NabResult[] | null {
  const missing = labels.size - corpus.length;
  if (missing > 0) note(`${missing} of the ${labels.size} series of the labels are not among the files.`);
  const results = scoreNab(corpus);
  if (results === null) note('No file has a labelled window: there is nothing to score.');
  return results;
}

/** One output a file, named as it: two inputs of one name would overwrite each other. */
function outputsOf(files: readonly string[], folder: string): readonly string[] {
  const inputs = new Map<string, string>();
  return files.map((file) => {
    const output = join(folder, basename(file));
    const other = inputs.get(output);
    if (other !== undefined)
      throw invalid(`${other} and ${file} would both be written to ${output}. Run them apart.`);
    if (resolve(output) === resolve(file)) throw invalid(`${file} would be overwritten. Name another --out.`);
    inputs.set(output, file);
    return output;
  });
}

async function fileSize(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    throw new OpenFrameError('ARGUMENT_INVALID', `${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function invalid(message: string): OpenFrameError {
  return new OpenFrameError('ARGUMENT_INVALID', message);
}

function describe(report: DetectReport): string {
  const files = table(
    ['file', 'rows', 'scored over 0'],
    report.files.map(({ file, rows, detections }) => [file, rows, detections]),
  );
  const speed = `${report.detector} ${report.version}: ${report.microsecondsPerPoint} µs a point`;
  if (report.nab === null) return `${files}\n\n${speed}`;
  const scores = table(
    ['NAB profile', 'score', 'threshold', 'windows found', 'of', 'false positives'],
    report.nab.map((r) => [
      r.profile,
      r.score.toFixed(2),
      r.threshold.toFixed(4),
      r.windowsFound,
      r.windows,
      r.falsePositives,
    ]),
  );
  return `${files}\n\n${scores}\n\n${speed}`;
}
