import { messageOf, OpenFrameError } from '../contracts/errors.ts';

/** A person must act before it can work. */
export function toolRefused(message: string, cause?: unknown): OpenFrameError {
  return new OpenFrameError('TOOL_REFUSED', message, { cause });
}

/** It passes by itself. `retryAfterMs`: the tool said when. */
export function toolUnavailable(
  message: string,
  { cause, retryAfterMs }: { readonly cause?: unknown; readonly retryAfterMs?: number | undefined } = {},
): OpenFrameError {
  return new OpenFrameError('TOOL_UNAVAILABLE', message, {
    retryable: true,
    cause,
    ...(retryAfterMs === undefined ? {} : { details: { retryAfterMs } }),
  });
}

const certificateFaults: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired: renew it',
  CERT_NOT_YET_VALID: "its certificate is not valid yet: set this machine's clock, or the server's",
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate signs itself: name it with --ca',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name: use the name that it is for',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is by an authority that is not known here: name it with --ca',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate is by an authority that is not known here: name it with --ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate is by an authority that is not known here: name it with --ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is by an authority that is not known here: name it with --ca',
  EPROTO: 'it does not speak TLS there: check the port, or write http for an address on loopback',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there: check the port',
};

const networkFaults: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it closed the connection',
  EHOSTUNREACH: 'there is no way to that host',
  ENOTFOUND: 'there is no host of that name: check the address',
  EAI_AGAIN: 'the name could not be looked up',
  ETIMEDOUT: 'it did not answer in time',
  UND_ERR_BODY_TIMEOUT: 'it stopped in the middle of its answer',
  UND_ERR_CONNECT_TIMEOUT: 'it did not answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'it did not answer in time',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'its answer is too large',
  UND_ERR_SOCKET: 'it closed the connection in the middle of its answer',
};

/** What a connection failed of, in words that say what to do. An error that is ours already stays as it is. */
export function connectionFault(where: string, error: unknown): OpenFrameError {
  if (error instanceof OpenFrameError) return error;
  const code = codeOf(error);
  const certificate = Object.hasOwn(certificateFaults, code) ? certificateFaults[code] : undefined;
  if (certificate !== undefined) return toolRefused(`${where} cannot be trusted: ${certificate}.`, error);
  const network = Object.hasOwn(networkFaults, code) ? networkFaults[code] : undefined;
  return toolUnavailable(`${where} cannot be reached: ${network ?? messageOf(error)}.`, { cause: error });
}

function codeOf(error: unknown): string {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { code } = one as { readonly code?: unknown };
    if (typeof code === 'string') return code;
  }
  return '';
}
