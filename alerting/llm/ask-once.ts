import type { Anthropic } from '@anthropic-ai/sdk';

/** What was heard of an answer, also where it broke off. */
export interface Heard {
  text: string;
  /** The model began: what it was given is paid for. */
  started: boolean;
  /** The answer came to its own end. */
  ended: boolean;
  stopReason: string | null;
  inputTokens: number;
  outputTokens: number;
}

export function nothingHeard(): Heard {
  return { text: '', started: false, ended: false, stopReason: null, inputTokens: 0, outputTokens: 0 };
}

type Question = Omit<Anthropic.MessageCreateParamsStreaming, 'stream'>;

/** Longer than any answer of the asked form: whoever sends more sends something else. */
const longestAnswer = 64_000;
const toldEvery = 200;

/**
 * Asks once, without another try, and writes what comes into `heard`. Yields how many characters came, about every 200.
 * Throws what the client throws.
 */
export async function* askOnce(
  client: Anthropic,
  question: Question,
  signal: AbortSignal,
  heard: Heard,
): AsyncGenerator<number> {
  const events = await client.messages.create({ ...question, stream: true }, { signal });
  let told = 0;
  for await (const event of events) {
    hear(event, heard);
    if (heard.text.length > longestAnswer) return;
    if (heard.text.length - told < toldEvery) continue;
    told = heard.text.length;
    yield told;
  }
}

function hear(event: Anthropic.RawMessageStreamEvent, heard: Heard): void {
  switch (event.type) {
    case 'message_start': {
      const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens } = event.message.usage;
      heard.started = true;
      heard.inputTokens = input_tokens + (cache_creation_input_tokens ?? 0) + (cache_read_input_tokens ?? 0);
      return;
    }
    case 'content_block_delta':
      if (event.delta.type === 'text_delta') heard.text += event.delta.text;
      return;
    case 'message_delta':
      heard.stopReason = event.delta.stop_reason;
      heard.outputTokens = event.usage.output_tokens;
      return;
    case 'message_stop':
      heard.ended = true;
      return;
    default:
      return;
  }
}
