import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const askedSchema = z.looseObject({
  model: z.string(),
  system: z.string(),
  stream: z.literal(true),
  max_tokens: z.number(),
  messages: z.array(
    z.object({ role: z.string(), content: z.array(z.object({ type: z.literal('text'), text: z.string() })) }),
  ),
  output_config: z.object({
    format: z.object({ type: z.literal('json_schema'), schema: z.looseObject({}) }),
  }),
});
type AskedQuestion = z.infer<typeof askedSchema> & { readonly headers: IncomingHttpHeaders };

/** How one question is answered. */
export type Answer = (response: ServerResponse, asked: AskedQuestion) => void;

/** A server on loopback that speaks the Messages API as far as triage asks it. */
export interface MessagesApi extends AsyncDisposable {
  readonly url: string;
  /** Every question, oldest first. */
  readonly asked: readonly AskedQuestion[];
  /** How the next questions are answered; the last one stays. */
  answer(...answers: readonly Answer[]): void;
}

export async function startMessagesApi(): Promise<MessagesApi> {
  const asked: AskedQuestion[] = [];
  let answers: Answer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      const question = { ...askedSchema.parse(body), headers: request.headers };
      asked.push(question);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      answer?.(response, question);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer: (...given) => void (answers = [...given]),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export const inputTokens = 1_000;
export const outputTokens = 200;

/** The stream of a message with this text, as the API sends it; `changes` bend it. */
export function says(
  text: string,
  changes: {
    readonly stopReason?: string;
    readonly cutAfter?: number;
    readonly error?: string;
    readonly pieces?: number;
  } = {},
): Answer {
  return (response) => {
    const { stopReason = 'end_turn', cutAfter = Infinity, error, pieces = 4 } = changes;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const size = Math.max(1, Math.ceil(text.length / pieces));
    const parts = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
      text.slice(i * size, (i + 1) * size),
    );
    const usage = { input_tokens: inputTokens, output_tokens: 1 };
    const message = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [],
      stop_reason: null,
    };
    const events: readonly (readonly [string, object])[] = [
      ['message_start', { message: { ...message, stop_sequence: null, usage } }],
      ['content_block_start', { index: 0, content_block: { type: 'text', text: '' } }],
      ['ping', {}],
      ...parts.map(
        (part) => ['content_block_delta', { index: 0, delta: { type: 'text_delta', text: part } }] as const,
      ),
      ['content_block_stop', { index: 0 }],
      ['message_delta', { delta: { stop_reason: stopReason }, usage: { output_tokens: outputTokens } }],
      ['message_stop', {}],
    ];
    for (const [type, data] of events.slice(0, cutAfter)) response.write(eventText(type, { type, ...data }));
    if (error !== undefined)
      response.write(eventText('error', { type: 'error', error: { type: error, message: 'northern' } }));
    response.end();
  };
}

function eventText(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A refusal of the whole question, as the API sends it. */
export function fails(status: number, type: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ type: 'error', error: { type, message: 'northern secret of the API' } }));
  };
}
