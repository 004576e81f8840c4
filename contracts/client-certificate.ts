import { OpenFrameError } from './errors.ts';

/** What a client shows to an engine that asks who it is (mutual TLS): PEM texts, as Node's TLS takes them. */
export interface ClientCertificate {
  /** The certificate, and behind it those that lead to one the engine trusts. */
  readonly cert: string;
  /** Its private key, not encrypted. */
  readonly key: string;
}

/** The alerts of TLS about what a client has shown, or not (RFC 8446, section 6.2), as Node names them. */
const alerts = /^ERR_SSL_\w+_ALERT_(CERTIFICATE_\w+|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA)$/;
const deepestCause = 5;

/** Whether a server ended the connection, or what an error was caused by did, for want of a certificate that it trusts. */
export function isCertificateAsked(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < deepestCause; at = at.cause, depth++) {
    if ('code' in at && alerts.test(String(at.code))) return true;
  }
  return false;
}

/** That does not pass by itself. `server` says which and where; `settings` is how the names of the two settings begin. */
export function certificateAsked(server: string, settings: string, cause: unknown): OpenFrameError {
  return new OpenFrameError(
    'CONFIGURATION_INVALID',
    `${server} asks its clients for a certificate that it trusts: name one in ${settings}_CERT_FILE, and its key in ${settings}_KEY_FILE.`,
    { cause },
  );
}
