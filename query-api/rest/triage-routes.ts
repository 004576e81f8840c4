import { Readable } from 'node:stream';
import { z } from 'zod';

import { OpenFrameError } from '../../contracts/errors.ts';
import { problemOf } from '../../contracts/problem.ts';
import type { Principal } from '../../contracts/tenant.ts';
import {
  type AnsweredTriage,
  answeredTriageSchema,
  evidenceRowSchema,
  type TriageStep,
} from '../../contracts/triage.ts';
import type { Clock } from '../../streams/clock.ts';
import { withHeartbeat } from '../live/with-heartbeat.ts';
import { alertIdLength } from '../questions/alert-page.ts';
import { requireRole } from '../questions/require-role.ts';
import { triageAskers, type TriageDesk } from '../questions/triage-desk.ts';
import { goneSignal } from './gone-signal.ts';
import { textParameter } from './parameters.ts';
import { parseBody, parseRequest } from './parse-request.ts';
import { jsonType, noParameters, readRoute, type RestRoute } from './route.ts';

const time = z.iso.datetime();
const triageAnswerSchema = answeredTriageSchema
  .omit({ madeAtMs: true })
  .extend({
    madeAt: time,
    evidence: z.array(evidenceRowSchema.omit({ atMs: true }).extend({ at: time.nullable() })),
  })
  .meta({ id: 'Triage' });
type TriageAnswer = z.infer<typeof triageAnswerSchema>;

const path = '/incidents/{incidentId}/triage';
const params = z.strictObject({ incidentId: textParameter('The incident.', alertIdLength) });
const streamType = 'text/event-stream';

export interface TriageRouteDeps {
  readonly triage: TriageDesk;
  readonly clock: Pick<Clock, 'sleep'>;
}

/** What is made of an incident's evidence, and the way to have a model asked. */
export function createTriageRoutes(deps: TriageRouteDeps & { readonly stopped: AbortSignal }): RestRoute[] {
  return [readTriageRoute(deps), askRoute(deps)];
}

function readTriageRoute({ triage }: TriageRouteDeps): RestRoute {
  return readRoute({
    ...{ query: noParameters, params, path, tag: 'alerts' },
    operationId: 'getTriage',
    summary: 'What is made of an incident’s evidence',
    description: 'What a model made of it before, else the deterministic triage. Asks no model.',
    content: { [jsonType]: triageAnswerSchema },
    async handle({ principal, params: { incidentId } }) {
      const found = await triage.read(principal, incidentId);
      if (found !== null) return triageAnswer(found);
      throw new OpenFrameError('NOT_FOUND', `No incident has the id ${JSON.stringify(incidentId)}.`);
    },
  });
}

function askRoute({ triage, clock, stopped }: Parameters<typeof createTriageRoutes>[0]): RestRoute {
  return {
    ...{ method: 'POST', path, operationId: 'askTriage', tag: 'alerts', access: 'reader' },
    ...{ query: noParameters, params, body: noParameters, streams: false },
    summary: 'Have the model asked about an incident',
    answer: {
      status: 200,
      description:
        'The triage: the model’s, or the deterministic one with the reason in `fallback`. With `Accept: text/event-stream` the steps come as server-sent events `progress`, and last `triage`. Closing the connection ends the question.',
      content: { [jsonType]: triageAnswerSchema, [streamType]: null },
    },
    async run(request, reply, signIn) {
      const principal = await signIn(request);
      requireRole(principal, triageAskers);
      const { incidentId } = parseRequest(params, request.params);
      parseBody(noParameters, request.body ?? {});
      const signal = AbortSignal.any([goneSignal(reply), stopped]);
      if (!(request.headers.accept ?? '').includes(streamType))
        return askTriage(triage, principal, incidentId, signal);
      const steps = triage.ask(principal, incidentId, signal)[Symbol.asyncIterator]();
      // What refuses the question refuses it before anything is answered.
      const first = await steps.next();
      const problem = (error: unknown) => {
        request.log.error({ err: error }, 'A triage met a fault.');
        return problemOf(error instanceof Error ? error : new Error(String(error)));
      };
      return reply
        .type(`${streamType}; charset=utf-8`)
        .header('x-accel-buffering', 'no')
        .send(Readable.from(messagesOf(following(first, steps), clock, problem)));
    },
  };
}

/** Has the model asked, and answers the triage that it comes to. Throws `NOT_FOUND`, `ROLE_NOT_ALLOWED`. */
export async function askTriage(
  triage: TriageDesk,
  principal: Principal,
  incidentId: string,
  signal: AbortSignal,
): Promise<TriageAnswer> {
  requireRole(principal, triageAskers);
  return triageAnswer(await lastOf(triage.ask(principal, incidentId, signal)));
}

async function lastOf(steps: AsyncIterable<TriageStep>): Promise<AnsweredTriage> {
  for await (const step of steps) if (step.kind === 'triage') return step.triage;
  throw new OpenFrameError(
    'STORE_UNAVAILABLE',
    'The question was given up before it was answered; ask again.',
    { retryable: true },
  );
}

async function* following(
  first: IteratorResult<TriageStep>,
  rest: AsyncIterator<TriageStep>,
): AsyncGenerator<TriageStep> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/** The stream of messages (WHATWG HTML, server-sent events). */
async function* messagesOf(
  steps: AsyncIterable<TriageStep>,
  clock: Pick<Clock, 'sleep'>,
  problemOf: (error: unknown) => object,
): AsyncGenerator<string> {
  try {
    for await (const step of withHeartbeat(steps, clock)) {
      if (step === null) yield ': still here\n\n';
      else if (step.kind === 'triage') yield message('triage', triageAnswer(step.triage));
      else {
        const { stage, attempt, received } = step;
        yield message('progress', { stage, attempt, received });
      }
    }
  } catch (error) {
    yield message('problem', problemOf(error));
  }
}

function message(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A triage as HTTP answers it: times in RFC 3339. */
export function triageAnswer({ madeAtMs, evidence, ...rest }: AnsweredTriage): TriageAnswer {
  return {
    ...rest,
    madeAt: new Date(madeAtMs).toISOString(),
    evidence: evidence.map(({ atMs, ...row }) => ({
      ...row,
      at: atMs === null ? null : new Date(atMs).toISOString(),
    })),
  };
}
