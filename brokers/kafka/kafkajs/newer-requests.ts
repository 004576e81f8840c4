import type { PlaceOffset } from '../client.ts';
import { encodeTxnOffsetCommit, type GroupIdentity } from '../platformatic/wire/transaction.ts';
import { WireReader } from '../platformatic/wire/wire-reader.ts';
import { WireWriter } from '../platformatic/wire/wire-writer.ts';

/*
 * kafkajs 2.2.4 speaks two requests in forms that are too old to be exact: TxnOffsetCommit without the member and
 * generation that fence a member which lost its partitions (KIP-447), and OffsetFetch that does not wait for open
 * transactions. Its public `socketFactory` lets the socket put both into their newer forms, and the answers back.
 */

const txnOffsetCommitKey = 28;
const offsetFetchKey = 9;
const syncGroupKey = 14;
const listOffsetsKey = 2;
const frameBytes = 4;
/** Size, API key, version and correlation id. */
const headBytes = 12;
const txnOffsetCommitVersion = 3;
const offsetFetchVersion = 7;

/** What a request stands for after it was put into its newer form: how its answer goes back. */
type Downgrade = (answer: WireReader) => Buffer;

/** What the socket learns and needs. */
export interface GroupWire {
  /** As whom a transaction's offsets are committed; undefined where nobody is known: the old form goes then. */
  identityOf(group: string): GroupIdentity | undefined;
  /** Told of the member and generation with which this connection asks for its assignment. */
  onSync(identity: GroupIdentity): void;
  /** Asked for a partition's end, the broker tells that of all that was written, not of what is committed. */
  readonly seesUncommitted?: boolean;
}

/** A request as it goes to the broker: `frame` itself where it need not change. */
export function upgradeRequest(
  frame: Buffer,
  wire: GroupWire,
): { readonly frame: Buffer; readonly correlationId?: number; readonly downgrade?: Downgrade } {
  if (frame.length < headBytes) return { frame };
  const key = frame.readInt16BE(4);
  const reader = new WireReader(frame);
  reader.position = headBytes;
  const clientId = classicString(reader) ?? '';
  const correlationId = frame.readInt32BE(8);
  if (key === listOffsetsKey && wire.seesUncommitted === true) askUncommitted(reader);
  if (key === syncGroupKey) wire.onSync(readSync(reader));
  if (key === offsetFetchKey) {
    const body = upgradeOffsetFetch(reader);
    const head = { key, version: offsetFetchVersion, correlationId, clientId };
    return { frame: flexibleFrame(head, body), correlationId, downgrade: downgradeOffsetFetch };
  }
  if (key !== txnOffsetCommitKey) return { frame };
  const body = upgradeTxnOffsetCommit(reader, wire);
  if (body === undefined) return { frame };
  const head = { key, version: txnOffsetCommitVersion, correlationId, clientId };
  return { frame: flexibleFrame(head, body), correlationId, downgrade: downgradeTxnOffsetCommit };
}

/** Cuts what comes from the broker into answers, and puts back those whose requests were upgraded. */
export class AnswerStream {
  readonly #waiting = new Map<number, Downgrade>();
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of an answer that passes as it is and has not come whole. */
  #passing = 0;

  expect(correlationId: number, downgrade: Downgrade): void {
    this.#waiting.set(correlationId, downgrade);
  }

  /** What the client shall see of these bytes; may be empty. */
  read(chunk: Buffer): Buffer[] {
    const out: Buffer[] = [];
    let input = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = Buffer.alloc(0);
    while (input.length > 0) {
      if (this.#passing === 0 && !this.#begin(input)) {
        this.#rest = input;
        break;
      }
      const taken = this.#passing === 0 ? this.#answer(input, out) : this.#pass(input, out);
      input = input.subarray(taken);
    }
    return out;
  }

  /** False where more bytes must come before anything can be said. */
  #begin(input: Buffer): boolean {
    if (input.length < frameBytes * 2) return false;
    const size = frameBytes + input.readInt32BE(0);
    if (this.#waiting.has(input.readInt32BE(frameBytes))) return input.length >= size;
    this.#passing = size;
    return true;
  }

  #pass(input: Buffer, out: Buffer[]): number {
    const taken = Math.min(this.#passing, input.length);
    this.#passing -= taken;
    out.push(input.subarray(0, taken));
    return taken;
  }

  #answer(input: Buffer, out: Buffer[]): number {
    const size = frameBytes + input.readInt32BE(0);
    const correlationId = input.readInt32BE(frameBytes);
    const downgrade = this.#waiting.get(correlationId);
    this.#waiting.delete(correlationId);
    if (downgrade === undefined) return size;
    const reader = new WireReader(input.subarray(0, size));
    reader.position = frameBytes * 2;
    reader.tags();
    const body = downgrade(reader);
    const head = Buffer.alloc(frameBytes * 2);
    head.writeInt32BE(frameBytes + body.length, 0);
    head.writeInt32BE(correlationId, frameBytes);
    out.push(head, body);
    return size;
  }
}

interface Head {
  readonly key: number;
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string;
}

function flexibleFrame({ key, version, correlationId, clientId }: Head, body: Buffer): Buffer {
  const w = new WireWriter(body.length + 64);
  const name = Buffer.from(clientId);
  w.int32(0).int16(key).int16(version).int32(correlationId).int16(name.length);
  const frame = Buffer.concat([w.written(), name, Buffer.of(0), body]);
  frame.writeInt32BE(frame.length - frameBytes, 0);
  return frame;
}

/** kafkajs asks with the isolation level of committed records always; it stands behind the replica's id. */
function askUncommitted(r: WireReader): void {
  r.int32();
  r.bytes.writeInt8(0, r.position);
}

function readSync(r: WireReader): GroupIdentity {
  const group = classicString(r) ?? '';
  const generation = r.int32();
  return { group, generation, memberId: classicString(r) ?? '' };
}

function upgradeTxnOffsetCommit(r: WireReader, wire: GroupWire): Buffer | undefined {
  const transactionalId = classicString(r) ?? '';
  const group = classicString(r) ?? '';
  const producer = { producerId: r.int64(), epoch: r.int16() };
  const offsets = classicArray(r, () => {
    const topic = classicString(r) ?? '';
    return classicArray(r, (): PlaceOffset => {
      const place = { topic, partition: r.int32(), offset: r.int64() };
      classicString(r);
      return place;
    });
  }).flat();
  const member = wire.identityOf(group);
  if (member === undefined) return undefined;
  return encodeTxnOffsetCommit(transactionalId, producer, member, offsets);
}

function downgradeTxnOffsetCommit(r: WireReader): Buffer {
  const w = new WireWriter();
  w.int32(r.int32());
  copyArray(r, w, () => {
    writeClassicString(w, r.string());
    copyArray(r, w, () => {
      w.int32(r.int32()).int16(r.int16());
      r.tags();
    });
    r.tags();
  });
  return w.written();
}

function upgradeOffsetFetch(r: WireReader): Buffer {
  const w = new WireWriter();
  w.string(classicString(r));
  const count = r.int32();
  w.uvarint(Math.max(count + 1, 0));
  for (let left = count; left > 0; left--) {
    w.string(classicString(r));
    const partitions = classicArray(r, () => r.int32());
    w.array(partitions, (partition) => w.int32(partition)).tags();
  }
  const requireStable = 1;
  return w.int8(requireStable).tags().written();
}

function downgradeOffsetFetch(r: WireReader): Buffer {
  const w = new WireWriter();
  w.int32(r.int32());
  copyArray(r, w, () => {
    writeClassicString(w, r.string());
    copyArray(r, w, () => {
      w.int32(r.int32()).int64(r.int64());
      r.int32();
      writeClassicString(w, r.string());
      w.int16(r.int16());
      r.tags();
    });
    r.tags();
  });
  w.int16(r.int16());
  return w.written();
}

function copyArray(r: WireReader, w: WireWriter, copy: () => void): void {
  const count = Math.max(r.uvarint() - 1, 0);
  w.int32(count);
  for (let left = count; left > 0; left--) copy();
}

function classicArray<T>(r: WireReader, read: () => T): T[] {
  return Array.from({ length: Math.max(r.int32(), 0) }, read);
}

function classicString(r: WireReader): string | null {
  const length = r.int16();
  if (length < 0) return null;
  const start = r.position;
  r.position += length;
  return r.bytes.toString('utf8', start, r.position);
}

function writeClassicString(w: WireWriter, value: string | null): void {
  if (value === null) {
    w.int16(-1);
    return;
  }
  const bytes = Buffer.from(value);
  w.int16(bytes.length);
  for (const byte of bytes) w.int8(byte > 127 ? byte - 256 : byte);
}
