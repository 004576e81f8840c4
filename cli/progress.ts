import { SingleBar } from 'cli-progress';

import { note } from './output.ts';

/** Progress of long work: a bar on a terminal, now and then a plain line elsewhere, always on standard error. */
export interface Progress extends Disposable {
  update(done: number, remark: string): void;
}

const plainLineEveryMs = 5_000;

export function createProgress(title: string, total: number): Progress {
  return process.stderr.isTTY ? barProgress(title, total) : plainProgress(title, total);
}

function barProgress(title: string, total: number): Progress {
  const bar = new SingleBar({
    format: `${title} {bar} {percentage} % | {remark}`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(total, 0, { remark: '' });
  return {
    update: (done, remark) => bar.update(Math.min(done, total), { remark }),
    [Symbol.dispose]: () => bar.stop(),
  };
}

function plainProgress(title: string, total: number): Progress {
  let lastMs = Date.now();
  return {
    update: (done, remark) => {
      if (Date.now() - lastMs < plainLineEveryMs) return;
      lastMs = Date.now();
      note(`${title}: ${Math.floor((100 * done) / total)} %, ${remark}`);
    },
    [Symbol.dispose]: () => undefined,
  };
}
