import type { DocumentStore } from '../stores/documents.ts';
import type { Clock } from '../streams/clock.ts';
import type { Running } from '../streams/running.ts';
import { createStatusBoard, type StatusBoard } from './status-board.ts';

const everyMs = 1000;

/**
 * Writes to the status board every second what this process runs, and takes it back at the end. Nobody waits for
 * it: while the documents are away, or cannot be opened, a report is left out.
 */
export function startStatusReports(deps: {
  readonly documents: () => Promise<DocumentStore>;
  readonly running: readonly Running[];
  readonly instance: string;
  readonly clock: Clock;
}): AsyncDisposable {
  const { running, instance, clock } = deps;
  const stopping = new AbortController();
  let board: StatusBoard | undefined;
  const report = async (): Promise<void> => {
    board ??= createStatusBoard(await deps.documents(), () => clock.nowMs());
    await board.write(
      instance,
      running.map((one) => one.status()),
    );
  };
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await report().catch(() => undefined);
      await clock.sleep(everyMs, stopping.signal);
    }
    const names = running.map((one) => one.name);
    await board?.clear(instance, names).catch(() => undefined);
  };
  const ended = running.length === 0 ? Promise.resolve() : loop();
  return {
    [Symbol.asyncDispose]: () => {
      stopping.abort();
      return ended;
    },
  };
}
