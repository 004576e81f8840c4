import { request } from 'node:http';
import { z } from 'zod';

import { OpenFrameError } from '../../contracts/errors.ts';
import { loopback } from '../engine.ts';

/** Resolves when the role behind an HTTP port says that it is well. */
export async function pinotRoleAnswers(port: number, signal: AbortSignal): Promise<void> {
  const answer = await ask(port, '/health', undefined, signal);
  if (answer.trim() !== 'OK') throw unwell(port, answer);
}

const answerSchema = z.object({
  exceptions: z.array(z.unknown()).length(0),
  resultTable: z.object({ rows: z.tuple([z.tuple([z.literal(1)])]) }),
});

/** Resolves when the broker is well and answers a query that needs no table. */
export async function pinotBrokerAnswers(port: number, signal: AbortSignal): Promise<void> {
  await pinotRoleAnswers(port, signal);
  const answer = await ask(port, '/query/sql', JSON.stringify({ sql: 'SELECT 1' }), signal);
  if (!answerSchema.safeParse(JSON.parse(answer)).success) throw unwell(port, answer);
}

function ask(port: number, path: string, body: string | undefined, signal: AbortSignal): Promise<string> {
  const method = body === undefined ? 'GET' : 'POST';
  const headers = { 'content-type': 'application/json', connection: 'close' };
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => reject(unwell(port, cause.message, cause));
    const asked = request({ host: loopback, port, path, method, headers, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.once('error', fail);
      response.once('end', () =>
        response.statusCode === 200 ? resolve(text) : reject(unwell(port, `${response.statusCode} ${text}`)),
      );
    });
    asked.once('error', fail);
    asked.end(body);
  });
}

function unwell(port: number, answer: string, cause?: Error): OpenFrameError {
  return new OpenFrameError('STORE_UNAVAILABLE', `Pinot on port ${port} is not ready: ${answer}.`, {
    retryable: true,
    cause,
  });
}
