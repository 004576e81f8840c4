import { connect } from 'node:net';

import { OpenFrameError } from '../contracts/errors.ts';
import { loopback } from './engine.ts';

/** Longer answers than these are none that we asked for. */
const longestAnswerBytes = 1 << 20;

/**
 * A conversation over TCP: sends `question`, collects what comes back until `complete` says what it means.
 * `complete` returns undefined while bytes are missing, may send more, and throws where the answer is wrong.
 * Rejects with `STORE_UNAVAILABLE` (retryable) when the connection fails, ends early or `signal` aborts.
 */
export function roundTrip<T>(
  port: number,
  question: Uint8Array,
  complete: (answer: Buffer, send: (more: Uint8Array) => void) => T | undefined,
  signal: AbortSignal,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const socket = connect({ port, host: loopback, signal });
    let answer = Buffer.alloc(0);
    const fail = (cause: unknown): void => {
      socket.destroy();
      reject(unanswered(port, cause));
    };
    socket.once('error', fail);
    socket.once('close', () => reject(unanswered(port, 'the connection was closed')));
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      try {
        if (answer.length > longestAnswerBytes) throw new Error('the answer does not end');
        const value = complete(answer, (more) => socket.write(more));
        if (value === undefined) return;
        resolve(value);
        socket.destroy();
      } catch (error) {
        fail(error);
      }
    });
    socket.write(question);
  });
}

function unanswered(port: number, cause: unknown): OpenFrameError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new OpenFrameError('STORE_UNAVAILABLE', `Port ${port} does not answer as it should: ${reason}.`, {
    retryable: true,
    cause,
  });
}
