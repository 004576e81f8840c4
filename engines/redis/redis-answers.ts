import { roundTrip } from '../round-trip.ts';

/** Resolves when PING is answered, or a password asked for; while the server loads its data it answers with an error. */
export async function redisAnswers(port: number, signal: AbortSignal): Promise<void> {
  const complete = (answer: Buffer): true | undefined => {
    const text = answer.toString();
    if (!text.includes('\r\n')) return undefined;
    if (text !== '+PONG\r\n' && !text.startsWith('-NOAUTH')) throw new Error(text.trim());
    return true;
  };
  await roundTrip(port, Buffer.from('PING\r\n'), complete, signal);
}
