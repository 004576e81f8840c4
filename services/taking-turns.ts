import type { Sink } from '../streams/sink.ts';

/** A sink that several may write to: their writes follow each other, as a sink asks for. Disposing it does nothing. */
export function takingTurns(sink: Sink): Sink {
  let last: Promise<unknown> = Promise.resolve();
  return {
    name: sink.name,
    ...(sink.deferred === undefined ? {} : { deferred: sink.deferred }),
    write(batches, signal) {
      const written = last.then(() => sink.write(batches, signal));
      last = written.catch(() => undefined);
      return written;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
