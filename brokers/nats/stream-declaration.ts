import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';

import { OpenFrameError } from '../../contracts/errors.ts';
import type { MessagingOptions } from '../messaging.ts';
import { apiCodeOf, apiCodes, triedAgain } from './faults.ts';
import type { JetStream } from './jetstream.ts';
import { streamSubject } from './subjects.ts';

export interface StreamDeclaration {
  readonly name: string;
  readonly prefix: string;
  readonly replicas: number;
  readonly options: MessagingOptions;
}

type Declared = Pick<StreamConfig, keyof ReturnType<typeof declared>>;

/** What of a stream can never change, or would break the guarantee if it differed: not mended, but refused. */
const fixed = {
  storage: 'messages that a power cut takes are no durable ones',
  retention: 'messages must stay for every consumer, and for verify',
  deny_purge: 'what all consumers have processed is removed by purging',
  sealed: 'a sealed stream takes no messages',
} as const satisfies Partial<Record<keyof StreamConfig, string>>;

/**
 * Limits without ages: the server would let the oldest messages go whether a consumer has processed them or not. So
 * it refuses what is new (`discard: new`) where the stream is full, and `Retention` removes what may go.
 */
function declared({ prefix, replicas, options }: StreamDeclaration) {
  return {
    subjects: [streamSubject(prefix)],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_bytes: options.retentionBytes,
    max_age: 0,
    max_msgs: -1,
    duplicate_window: nanos(options.duplicateWindowMs),
    num_replicas: replicas,
    allow_atomic: true,
    allow_direct: true,
    deny_purge: false,
    sealed: false,
  };
}

/**
 * Creates the stream, or brings the one that is there to what is declared. Nothing is lost by smaller limits: bytes
 * that the stream holds now stay. Throws `CONFIGURATION_INVALID` where the stream cannot become what is declared.
 */
export async function declareStream(jetStream: JetStream, declaration: StreamDeclaration): Promise<void> {
  const { name } = declaration;
  const wanted = declared(declaration);
  const found = await jetStream.streamInfo(name);
  if (found === undefined) {
    await attempt(declaration, () => jetStream.addStream({ name, ...wanted }));
    return;
  }
  for (const [field, reason] of Object.entries(fixed)) mustEqual(name, found.config, wanted, field, reason);
  const changed = { ...wanted, max_bytes: Math.max(wanted.max_bytes, found.state.bytes) };
  const differs = Object.entries(changed).some(
    ([field, value]) => JSON.stringify(valueOf(found.config, field)) !== JSON.stringify(value),
  );
  if (differs) await attempt(declaration, () => jetStream.updateStream(name, changed));
}

function mustEqual(
  name: string,
  found: Partial<StreamConfig>,
  wanted: Declared,
  field: string,
  reason: string,
): void {
  const [is, should] = [valueOf(found, field) ?? false, valueOf(wanted, field)];
  if (is === should) return;
  throw new OpenFrameError(
    'CONFIGURATION_INVALID',
    `The stream ${name} has ${field} ${JSON.stringify(is)}, and ${JSON.stringify(should)} is needed: ${reason}. ` +
      `Remove the stream, or give this deployment another name prefix.`,
    { details: { stream: name, field, found: is, wanted: should } },
  );
}

function valueOf(config: object, field: string): unknown {
  return (config as Record<string, unknown>)[field];
}

/** A refusal that comes with a code does not pass by itself: the server has read the request. */
async function attempt({ name, replicas }: StreamDeclaration, change: () => Promise<unknown>): Promise<void> {
  try {
    await change();
  } catch (error) {
    const apiCode = error instanceof OpenFrameError ? apiCodeOf(error.cause) : undefined;
    if (
      !(error instanceof OpenFrameError) ||
      apiCode === undefined ||
      apiCode === apiCodes.jetStreamNotEnabled
    ) {
      throw error;
    }
    const what =
      `The stream ${name} cannot be declared (${replicas} replicas): ${error.message.replace(triedAgain, '')} ` +
      `Mend the server, its limits, or the settings of NATS.`;
    throw new OpenFrameError('CONFIGURATION_INVALID', what, {
      cause: error,
      details: { stream: name, apiCode },
    });
  }
}
