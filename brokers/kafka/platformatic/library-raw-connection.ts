import { type Connection, type Reader, Writer } from '@platformatic/kafka';

import type { Api, RawConnection } from './raw-connection.ts';

/** Requests of our own on a connection of the library, which has signed in on it. */
export class LibraryRawConnection implements RawConnection {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  send(api: Api, pieces: readonly Buffer[]): Promise<Buffer> {
    const createPayload = (): Writer => {
      const writer = Writer.create();
      for (const piece of pieces) writer.append(piece);
      return writer;
    };
    const wholeAnswer = (_correlation: number, _key: number, _version: number, reader: Reader): Buffer =>
      reader.buffer.buffer;
    return new Promise((resolve, reject) => {
      this.#connection.send<Buffer>(
        api.key,
        api.version,
        createPayload,
        wholeAnswer,
        true,
        true,
        (error, answer) => {
          if (error !== null) reject(error);
          else if (answer === undefined) reject(new Error('The answer has no body.'));
          else resolve(answer);
        },
      );
    });
  }

  /** The library's answers are joined from chunks of its own. */
  reuse(): void {}

  isConnected(): boolean {
    return this.#connection.isConnected();
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}
