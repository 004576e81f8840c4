import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** What a mail server answers instead of taking a recipient. */
export interface SmtpRefusal {
  readonly code: number;
  readonly message: string;
}

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came over the wire, headers and body. */
  readonly raw: string;
}

/**
 * A mail server on loopback that refuses as it is told, one recipient for each refusal, then takes all. `onReceived` is
 * called when a mail is there and not yet answered for.
 */
export async function openSmtpServer(
  stack: AsyncDisposableStack,
  options: {
    readonly refusals?: SmtpRefusal[];
    readonly auth?: { readonly user: string; readonly pass: string };
    readonly port?: number;
    readonly onReceived?: (mail: ReceivedMail) => Promise<void> | void;
  } = {},
) {
  const received: ReceivedMail[] = [];
  const { refusals = [], auth, onReceived } = options;
  const server = new SMTPServer({
    authOptional: auth === undefined,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    onAuth: ({ username, password }, _session, done) =>
      username === auth?.user && password === auth?.pass
        ? done(null, { user: username })
        : done(refused({ code: 535, message: 'Wrong user or password' })),
    onRcptTo: (_address, _session, done) => {
      const refusal = refusals.shift();
      done(refusal === undefined ? null : refused(refusal));
    },
    onData: (stream, session, done) => {
      const { mailFrom, rcptTo } = session.envelope;
      const take = async (): Promise<void> => {
        const mail = {
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: await text(Readable.from(stream)),
        };
        received.push(mail);
        await onReceived?.(mail);
      };
      take().then(
        () => done(null),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      );
    },
  } satisfies SMTPServerOptions);
  server.on('error', () => undefined);
  const listening = server.listen(options.port ?? 0, '127.0.0.1');
  await new Promise<void>((resolve) => listening.once('listening', resolve));
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('The mail server has no port.');
  const close = (): Promise<void> => new Promise((resolve) => server.close(resolve));
  stack.defer(close);
  return { received, port: address.port, close };
}

function refused({ code, message }: SmtpRefusal): Error {
  return Object.assign(new Error(message), { responseCode: code });
}
