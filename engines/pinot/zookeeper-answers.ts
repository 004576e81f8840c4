import { roundTrip } from '../round-trip.ts';

/** Resolves when `srvr`, the four letters that need no permission, tells the server's mode. */
export async function zooKeeperAnswers(port: number, signal: AbortSignal): Promise<void> {
  const complete = (answer: Buffer): true | undefined => (answer.includes('\nMode: ') ? true : undefined);
  await roundTrip(port, Buffer.from('srvr'), complete, signal);
}
