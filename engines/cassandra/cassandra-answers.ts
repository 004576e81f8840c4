import { roundTrip } from '../round-trip.ts';
import { int16, int32, int8, longString, shortString } from '../wire.ts';

/** CQL binary protocol v4, section 2: version, flags, stream, opcode, length, body. */
const protocol = 4;
const opcodes = { error: 0, startup: 1, ready: 2, authenticate: 3, query: 7, result: 8 };
const headerBytes = 9;
const consistencyOne = 1;
const resultRows = 2;

const startup = frame(0, opcodes.startup, [int16(1), shortString('CQL_VERSION'), shortString('3.0.0')]);
const query = frame(1, opcodes.query, [
  longString('SELECT release_version FROM system.local'),
  int16(consistencyOne),
  int8(0),
]);

/** Resolves when a CQL query of the node's own table comes back with rows, or the node asks who that is. */
export async function cassandraAnswers(port: number, signal: AbortSignal): Promise<void> {
  let asked = false;
  const complete = (answer: Buffer, send: (more: Uint8Array) => void): true | undefined => {
    if (answer.length >= headerBytes && answer.readUInt8(4) === opcodes.authenticate) return true;
    const ready = frameAt(answer, 0, opcodes.ready);
    if (ready === undefined) return undefined;
    if (!asked) send(query);
    asked = true;
    const result = frameAt(answer, ready.end, opcodes.result);
    if (result === undefined) return undefined;
    if (result.body.readInt32BE(0) !== resultRows) throw new Error('a query for rows brought none');
    return true;
  };
  await roundTrip(port, startup, complete, signal);
}

function frame(stream: number, opcode: number, body: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(body);
  const header = [int8(protocol), int8(0), int16(stream), int8(opcode), int32(bytes.length)];
  return Buffer.concat([...header, bytes]);
}

/** The frame that starts at `start`; undefined while bytes of it are missing. */
function frameAt(
  answer: Buffer,
  start: number,
  expected: number,
): { readonly body: Buffer; readonly end: number } | undefined {
  const bodyStart = start + headerBytes;
  if (answer.length < bodyStart) return undefined;
  const end = bodyStart + answer.readInt32BE(start + 5);
  if (answer.length < end) return undefined;
  const body = answer.subarray(bodyStart, end);
  const opcode = answer.readUInt8(start + 4);
  if (opcode === opcodes.error) throw new Error(errorText(body));
  if (opcode !== expected) throw new Error(`opcode ${opcode} where ${expected} was due`);
  return { body, end };
}

function errorText(body: Buffer): string {
  return body.subarray(6, 6 + body.readInt16BE(4)).toString();
}
