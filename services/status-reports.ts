import type { DocumentStore } from '../stores/documents.ts';
import type { Clock } from '../streams/clock.ts';
import type { Running } from '../streams/running.ts';
import { startRounds } from './rounds.ts';
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
  let board: StatusBoard | undefined;
  const report = async (): Promise<void> => {
    board ??= createStatusBoard(await deps.documents(), () => clock.nowMs());
    await board.write(
      instance,
      running.map((one) => one.status()),
    );
  };
  if (running.length === 0) return { [Symbol.asyncDispose]: () => Promise.resolve() };
  const reporting = startRounds({ clock, everyMs, onFault: () => undefined }, report);
  return {
    async [Symbol.asyncDispose]() {
      await reporting[Symbol.asyncDispose]();
      const names = running.map((one) => one.name);
      await board?.clear(instance, names).catch(() => undefined);
    },
  };
}
