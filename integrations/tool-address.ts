import { isIP } from 'node:net';

import { OpenFrameError } from '../contracts/errors.ts';

const plainOf = { 'https:': 'http:', 'wss:': 'ws:' } as const;

/**
 * A tool's address as it was given, checked. A secret goes there, so it must be encrypted, but on this machine.
 * Throws `ARGUMENT_INVALID`, which says what to write.
 */
export function checkedAddress(text: string, protocol: keyof typeof plainOf): URL {
  const url = URL.parse(text);
  if (url === null) throw wrong(`${shown(text)} is no address: write ${protocol}//host.`);
  if (url.username !== '' || url.password !== '') {
    throw wrong('The address must not hold a password: give it with --secret-file.');
  }
  if (url.protocol === protocol) return url;
  if (url.protocol === plainOf[protocol] && isLoopback(url.hostname)) return url;
  throw wrong(`${shown(text)} would send the secret unencrypted or nowhere: write ${protocol}//host.`);
}

function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}

function wrong(message: string): OpenFrameError {
  return new OpenFrameError('ARGUMENT_INVALID', message);
}
