import { type Connection, type Reader, Writer } from '@platformatic/kafka';

/** Sends a request of our own on raw bytes through the library's connection; resolves with the answer's body. */
export function sendRaw(
  connection: Connection,
  api: { readonly key: number; readonly version: number },
  pieces: readonly Buffer[],
): Promise<Buffer> {
  const createPayload = (): Writer => {
    const writer = Writer.create();
    for (const piece of pieces) writer.append(piece);
    return writer;
  };
  const wholeAnswer = (_correlation: number, _key: number, _version: number, reader: Reader): Buffer =>
    reader.buffer.buffer;
  return new Promise((resolve, reject) => {
    connection.send<Buffer>(api.key, api.version, createPayload, wholeAnswer, true, true, (error, answer) => {
      if (error !== null) reject(error);
      else if (answer === undefined) reject(new Error('The answer has no body.'));
      else resolve(answer);
    });
  });
}
