import { roundTrip } from '../round-trip.ts';

/** MongoDB wire protocol: OP_MSG with one section, a BSON document. */
const opMessage = 2013;
const headerBytes = 16;
const requestId = 1;

/** Resolves when the greeting of every driver is answered with `ok: 1`. */
export async function mongodbAnswers(port: number, signal: AbortSignal): Promise<void> {
  const document = bson([int32Element('isMaster', 1), stringElement('$db', 'admin')]);
  const body = Buffer.concat([uint32(0), Buffer.from([0]), document]);
  const header = [headerBytes + body.length, requestId, 0, opMessage].map(uint32);
  await roundTrip(port, Buffer.concat([...header, body]), checkAnswer, signal);
}

function checkAnswer(answer: Buffer): true | undefined {
  if (answer.length < headerBytes || answer.length < answer.readUInt32LE(0)) return undefined;
  if (answer.readUInt32LE(8) !== requestId) throw new Error('it is no answer of a MongoDB server');
  const ok = Buffer.concat([Buffer.from('\u0001ok\u0000'), double(1)]);
  if (!answer.includes(ok)) throw new Error('its greeting was refused');
  return true;
}

function bson(elements: readonly Buffer[]): Buffer {
  const body = Buffer.concat(elements);
  return Buffer.concat([uint32(body.length + 5), body, Buffer.from([0])]);
}

const int32Element = (name: string, value: number): Buffer =>
  Buffer.concat([Buffer.from(`\u0010${name}\u0000`), uint32(value)]);

const stringElement = (name: string, value: string): Buffer =>
  Buffer.concat([
    Buffer.from(`\u0002${name}\u0000`),
    uint32(value.length + 1),
    Buffer.from(`${value}\u0000`),
  ]);

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}
