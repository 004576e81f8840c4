import { OpenFrameError } from './errors.ts';

/** What a client shows to an engine that asks who it is (mutual TLS): PEM texts, as Node's TLS takes them. */
export interface ClientCertificate {
  /** The certificate, and behind it those that lead to one the engine trusts. */
  readonly cert: string;
  /** Its private key, not encrypted. */
  readonly key: string;
}

/** The alerts of TLS about what a client has shown, or not (RFC 8446, section 6.2), as Node names them. */
const asked = /^ERR_SSL_[\w/]+_ALERT_(CERTIFICATE_\w+|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA)$/;
/** What Node has against a server's certificate (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
const untrusted =
  /^(CERT_\w+|UNABLE_TO_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|ERR_TLS_CERT_\w+)$/;
const deepestCause = 5;

/**
 * What an error of a connection, or what caused it, says where one side does not trust the other's certificate: that does
 * not pass by itself. null for any other. `server` says which and where; `settings` is how the names of the two settings
 * begin.
 */
export function certificateFault(error: unknown, server: string, settings: string): OpenFrameError | null {
  if (causeWith(error, asked) !== undefined) return certificateAsked(server, settings, error);
  return untrustedServer(error, server);
}

/** The server wants a certificate of ours. `server` and `settings` as in `certificateFault`. */
export function certificateAsked(server: string, settings: string, cause: unknown): OpenFrameError {
  return new OpenFrameError(
    'CONFIGURATION_INVALID',
    `${server} asks its clients for a certificate that it trusts: name one in ${settings}_CERT_FILE, and its key in ${settings}_KEY_FILE.`,
    { cause },
  );
}

/** The half of `certificateFault` where it is the server's certificate that we do not trust. */
export function untrustedServer(error: unknown, server: string): OpenFrameError | null {
  const found = causeWith(error, untrusted);
  if (found === undefined) return null;
  return new OpenFrameError(
    'CONFIGURATION_INVALID',
    `${server} shows a certificate that is not trusted (${found.message}): name the authorities behind it in NODE_EXTRA_CA_CERTS, or give the server one that is valid for its address.`,
    { cause: error },
  );
}

function causeWith(error: unknown, code: RegExp): Error | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < deepestCause; at = at.cause, depth++) {
    if ('code' in at && code.test(String(at.code))) return at;
  }
  return undefined;
}
