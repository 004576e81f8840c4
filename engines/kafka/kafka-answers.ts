import { roundTrip } from '../round-trip.ts';
import { int16, int32, int8, shortString } from '../wire.ts';

/** Kafka's protocol guide: the numbers of the requests, in versions whose form never changes. */
const metadata = { key: 3, version: 5 };
const findCoordinator = { key: 10, version: 1 };
const coordinators = { group: 0, transaction: 1 };
const correlationId = 1;

/**
 * Resolves when the broker names itself as the cluster's, has a controller, and both coordinators are loaded:
 * the first question for one makes its topic, so that no client waits for that.
 */
export async function kafkaAnswers(port: number, signal: AbortSignal): Promise<void> {
  await ask(port, metadata, [int32(0), int8(0)], checkMetadata, signal);
  for (const kind of Object.values(coordinators)) {
    await ask(port, findCoordinator, [shortString('openframe'), int8(kind)], checkCoordinator, signal);
  }
}

async function ask(
  port: number,
  request: { readonly key: number; readonly version: number },
  body: readonly Buffer[],
  check: (response: Buffer) => void,
  signal: AbortSignal,
): Promise<void> {
  const header = [int16(request.key), int16(request.version), int32(correlationId), shortString('openframe')];
  const message = Buffer.concat([...header, ...body]);
  const complete = (answer: Buffer): true | undefined => {
    if (answer.length < 4 || answer.length < 4 + answer.readInt32BE(0)) return undefined;
    if (answer.readInt32BE(4) !== correlationId) throw new Error('it is no answer of a Kafka broker');
    check(answer.subarray(8));
    return true;
  };
  await roundTrip(port, Buffer.concat([int32(message.length), message]), complete, signal);
}

/** throttle_time_ms, [node_id host port rack], cluster_id, controller_id, [topic]. */
function checkMetadata(response: Buffer): void {
  const brokers = response.readInt32BE(4);
  let at = 8;
  for (let i = 0; i < brokers; i++) {
    at += 4;
    at += 2 + response.readInt16BE(at) + 4;
    at += 2 + Math.max(0, response.readInt16BE(at));
  }
  at += 2 + Math.max(0, response.readInt16BE(at));
  if (brokers < 1) throw new Error('no broker has joined the cluster yet');
  if (response.readInt32BE(at) < 0) throw new Error('the cluster has no controller yet');
}

/** throttle_time_ms, error_code, … */
function checkCoordinator(response: Buffer): void {
  const code = response.readInt16BE(4);
  if (code !== 0) throw new Error(`its coordinator is not loaded yet (error ${code})`);
}
