import { MultiBar, type SingleBar } from 'cli-progress';

import type { EngineName } from '../engines/engine.ts';
import type { EngineProgress } from '../engines/options.ts';
import { note } from './output.ts';

interface EngineProgressView extends Disposable {
  readonly show: (progress: EngineProgress) => void;
}

/** Of a hundred: fetching fills the most of it, because it takes the longest. */
const shareOf = { waiting: 0, fetching: 0, starting: 80, answering: 100 };

/** Shows how far the engines are while `work` runs, on standard error: a bar each on a terminal, lines elsewhere. */
export async function showingProgress(
  work: (show: EngineProgressView['show']) => Promise<void>,
): Promise<void> {
  using view = process.stderr.isTTY ? barView() : lineView();
  await work(view.show);
}

function barView(): EngineProgressView {
  const bars = new MultiBar({
    format: '{engine} {bar} {step}',
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
  });
  const shown = new Map<EngineName, SingleBar>();
  return {
    show: (progress) => {
      const { engine } = progress;
      const bar = shown.get(engine) ?? bars.create(100, 0, { engine: engine.padEnd(9), step: '' });
      shown.set(engine, bar);
      bar.update(shareDone(progress), { step: remark(progress) });
    },
    [Symbol.dispose]: () => bars.stop(),
  };
}

function lineView(): EngineProgressView {
  return {
    show: (progress) => {
      const { step, done, total } = progress;
      if (step !== 'waiting' && done === total) note(`${progress.engine}: ${remark(progress)}`);
    },
    [Symbol.dispose]: () => undefined,
  };
}

function shareDone({ step, done, total }: EngineProgress): number {
  return step === 'fetching' && total > 0 ? (shareOf.starting * done) / total : shareOf[step];
}

function remark({ step, done, total }: EngineProgress): string {
  if (step !== 'fetching') return step;
  return done === total ? 'fetched' : `fetching ${done} of ${total} files`;
}
