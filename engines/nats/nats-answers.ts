import { roundTrip } from '../round-trip.ts';

/** NATS client protocol: a request is a subscription to an inbox, then a message that names it. */
const question = [
  'CONNECT {"verbose":false,"pedantic":false,"lang":"node","version":"0","protocol":1}',
  'SUB _INBOX.openframe 1',
  'PUB $JS.API.INFO _INBOX.openframe 0',
  '',
  '',
].join('\r\n');

/** Resolves when JetStream tells about its account. */
export async function natsAnswers(port: number, signal: AbortSignal): Promise<void> {
  await roundTrip(port, Buffer.from(question), checkAnswer, signal);
}

function checkAnswer(answer: Buffer): true | undefined {
  const text = answer.toString();
  const refused = /^-ERR (.*)\r\n/m.exec(text);
  if (refused !== null) throw new Error(refused[1]);
  const message = /^MSG _INBOX\.openframe 1 (\d+)\r\n/m.exec(text);
  if (message === null) return undefined;
  const start = message.index + message[0].length;
  if (text.length < start + Number(message[1])) return undefined;
  if (text.slice(start).includes('account_info_response') && !text.slice(start).includes('"error"'))
    return true;
  throw new Error('JetStream is not ready');
}
