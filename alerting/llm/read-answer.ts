import { type Findings, findingsSchema } from '../../contracts/triage.ts';
import type { Heard } from './ask-once.ts';
import { malformed, type ModelFault } from './model-fault.ts';

/** What an answer says, or why it says nothing. Nothing of its text stands in a fault. */
export function readAnswer(heard: Heard): Findings | ModelFault {
  const { stopReason, ended, text } = heard;
  if (stopReason === 'refusal')
    return { reason: 'refused', message: 'The model refused to answer.', again: null };
  if (stopReason === 'max_tokens') return malformed('it was longer than it may be');
  if (!ended || stopReason !== 'end_turn') return malformed('it broke off');
  const parsed = findingsSchema.safeParse(jsonOf(text));
  return parsed.success ? parsed.data : malformed('it has another form than was asked for');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
