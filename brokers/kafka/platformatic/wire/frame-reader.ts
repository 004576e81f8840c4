const lengthBytes = 4;
/** Room for frames that begin: several small ones are read at once. */
const roomBytes = 64 * 1024;
/** Longer than any answer that was asked for: what claims more is no frame. */
const longestBytes = 256 * 1024 * 1024;

/**
 * Cuts what a socket reads into frames, each a length of four bytes and so many bytes behind it. A frame that does
 * not fit into what was read with its beginning is read straight into the buffer in which it is handed out.
 */
export class FrameReader {
  readonly #onFrame: (frame: Buffer) => void;
  readonly #bufferFor: (sizeBytes: number) => Buffer;
  readonly #room = Buffer.allocUnsafeSlow(roomBytes);
  /** Bytes in the room that belong to no whole frame yet. */
  #held = 0;
  /** The frame that is being read straight, and how much of it is there. */
  #frame: Buffer | undefined;
  #filled = 0;

  /** `bufferFor` gives a frame's buffer: at least as large as asked for. */
  constructor(
    onFrame: (frame: Buffer) => void,
    bufferFor: (sizeBytes: number) => Buffer = (sizeBytes) => Buffer.allocUnsafeSlow(sizeBytes),
  ) {
    this.#onFrame = onFrame;
    this.#bufferFor = bufferFor;
  }

  /** Where the next bytes go: never empty. */
  room(): Buffer {
    return this.#frame?.subarray(this.#filled) ?? this.#room.subarray(this.#held);
  }

  /** So many bytes were put there. Throws `RangeError` for a length that no frame has. */
  filled(count: number): void {
    if (this.#frame === undefined) return this.#cut(this.#held + count);
    this.#filled += count;
    if (this.#filled < this.#frame.length) return;
    const frame = this.#frame;
    this.#frame = undefined;
    this.#onFrame(frame);
  }

  #cut(end: number): void {
    const room = this.#room;
    let at = 0;
    this.#held = 0;
    while (end - at >= lengthBytes) {
      const length = room.readInt32BE(at);
      if (length < 0 || length > longestBytes) throw new RangeError(`A frame of ${length} bytes.`);
      const frame = this.#bufferFor(length).subarray(0, length);
      const there = room.copy(frame, 0, at + lengthBytes, Math.min(end, at + lengthBytes + length));
      if (there < length) {
        this.#frame = frame;
        this.#filled = there;
        return;
      }
      at += lengthBytes + length;
      this.#onFrame(frame);
    }
    this.#held = room.copy(room, 0, at, end);
  }
}
