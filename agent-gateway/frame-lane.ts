import { type ErrorCode, isRetryable, OpenFrameError } from '../contracts/errors.ts';
import { eventLimits } from '../contracts/event.ts';
import type { Principal } from '../contracts/tenant.ts';
import { problemOf } from '../contracts/problem.ts';
import { isAttributeText } from './attribute-text.ts';
import { type CheckedEvent, checkEventText, isRefusal, type Refusal } from './cloud-event.ts';
import type { IngestContext } from './ingest-context.ts';

/** The connection as the lane needs it. */
export interface FrameSocket {
  /** Resolves when the text has left for the network, so that a peer which reads nothing is not served on. */
  send(text: string): Promise<void>;
  /** Stops and restarts the reading of frames. */
  pause(): void;
  resume(): void;
  close(code: number, reason: string): void;
}

/** The frames of one connection on their way in, in order. */
export interface FrameLane {
  /** A frame's text; null for a binary one. */
  push(text: string | null): void;
  /** The connection is gone: what was not answered is for the peer to send again. */
  close(): void;
}

/** The frames that wait while others are being made durable go together, at most so many. */
const framesPerBatch = 200;
const maxWaitingFrames = 1_000;
const maxWaitingBytes = 4 * 1024 * 1024;
const policyViolation = 1008;

interface Frame {
  readonly index: number;
  readonly text: string | null;
}

/** A frame's answer: the event's id and, where it was refused, why. */
interface FrameAnswer {
  readonly id?: string;
  readonly index?: number;
  readonly accepted?: true;
  readonly code?: ErrorCode;
  readonly message?: string;
}

export function createFrameLane(context: IngestContext, bearer: string, socket: FrameSocket): FrameLane {
  const closed = new AbortController();
  const framesPerTurn = Math.min(framesPerBatch, context.deps.quotas.tenantBurst);
  let waiting: Frame[] = [];
  let waitingBytes = 0;
  let nextIndex = 0;
  let running = false;
  let paused = false;

  const take = (): Frame[] => {
    const frames = waiting.slice(0, framesPerTurn);
    waiting = waiting.slice(frames.length);
    for (const { text } of frames) waitingBytes -= text?.length ?? 0;
    if (paused && waiting.length <= maxWaitingFrames / 2 && waitingBytes <= maxWaitingBytes / 2) {
      paused = false;
      socket.resume();
    }
    return frames;
  };

  const run = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0 && !closed.signal.aborted) {
      const answers = await answersTo(context, bearer, take(), closed.signal);
      if (typeof answers === 'string') return socket.close(policyViolation, answers);
      await Promise.all(answers.map((answer) => socket.send(JSON.stringify(answer))));
    }
    running = false;
  };

  return {
    push(text) {
      waiting.push({ index: nextIndex++, text });
      waitingBytes += text?.length ?? 0;
      if (!paused && (waiting.length >= maxWaitingFrames || waitingBytes >= maxWaitingBytes)) {
        paused = true;
        socket.pause();
      }
      // Where sending fails the connection is going: its close event ends this lane.
      if (!running) run().catch(() => closed.abort());
    },
    close() {
      closed.abort();
      waiting = [];
      waitingBytes = 0;
    },
  };
}

/** An answer for each frame; the code alone where the token is no longer good, which ends the connection. */
async function answersTo(
  context: IngestContext,
  bearer: string,
  frames: readonly Frame[],
  closed: AbortSignal,
): Promise<readonly FrameAnswer[] | ErrorCode> {
  try {
    // Anew for each batch: a token may expire while the connection lasts.
    return await accept(context, await context.authorise(bearer), frames, closed);
  } catch (error) {
    const { code, detail, status } = problemOf(error);
    context.deps.metrics.refused(code, frames.length);
    if (status === 401 || status === 403) return code;
    return frames.map(({ index, text }) => ({ ...withId(idIn(text)), index, code, message: detail }));
  }
}

async function accept(
  context: IngestContext,
  principal: Principal,
  frames: readonly Frame[],
  closed: AbortSignal,
): Promise<readonly FrameAnswer[]> {
  const { door, deps } = context;
  const ids: (string | undefined)[] = [];
  await payPatiently(context, principal, frames.length, closed);
  const { rejected, accepted } = await door.accept(principal, frames, ({ text }, nowMs) => {
    const checked = text === null ? binary : checkEventText(text, nowMs);
    ids.push(isRefusal(checked) ? idIn(text) : checked.id);
    return checked;
  });
  deps.metrics.accepted(accepted);
  const refusals = new Map(rejected.map((r) => [r.index, r]));
  return frames.map(({ index }, i) => {
    const refusal = refusals.get(i);
    if (refusal === undefined) return { ...withId(ids[i]), accepted: true };
    deps.metrics.refused(refusal.code, 1);
    return { ...withId(ids[i]), ...refusal, index };
  });
}

function withId(id: string | undefined): { readonly id?: string } {
  return id === undefined ? {} : { id };
}

/** Over the tenant's quota a stream is slowed, not refused: its socket fills and the peer waits. */
async function payPatiently(
  { door, deps }: IngestContext,
  principal: Principal,
  events: number,
  closed: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      return await door.payTenant(principal, events);
    } catch (error) {
      const overQuota = error instanceof OpenFrameError && error.code === 'QUOTA_EXCEEDED';
      if (!overQuota || !isRetryable(error) || closed.aborted) throw error;
      const { retryAfterMs } = error.details;
      await deps.clock.sleep(typeof retryAfterMs === 'number' ? retryAfterMs : 1_000, closed);
    }
  }
}

/** The id of an event that was refused, where it has a usable one: the peer knows it by that. */
function idIn(text: string | null): string | undefined {
  if (text === null || text.length > eventLimits.sizeBytes) return undefined;
  try {
    const event = JSON.parse(text) as { readonly id?: unknown } | null;
    const id = event?.id;
    const usable = typeof id === 'string' && id.length <= eventLimits.idLength && isAttributeText(id);
    return usable ? id : undefined;
  } catch {
    return undefined;
  }
}

const binary: CheckedEvent | Refusal = {
  code: 'EVENT_NOT_JSON',
  message: 'The frame is binary: send each event as a text frame.',
};
