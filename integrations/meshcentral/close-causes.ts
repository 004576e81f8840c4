import type { OpenFrameError } from '../../contracts/errors.ts';
import { toolRefused, toolUnavailable } from '../tool-faults.ts';

const refusals: Readonly<Record<string, string>> = {
  tokenrequired:
    'it asks for a second factor: make a login token in My Account and use its name and password',
  noauth: 'user or password is wrong',
  banned: 'too many failed logins came from this address: wait, or raise maxInvalidLogin',
  notools: 'the account may not be used by tools: take that restriction from it',
  emailvalidation: 'the account waits for its e-mail address to be confirmed',
};

/** Why MeshCentral ended a session: `{action: "close", cause, msg}`, `msg` such as `noauth-2d`. */
export function closedFor(where: string, cause: unknown, msg: unknown): OpenFrameError {
  for (const word of [msg, cause]) {
    const name = typeof word === 'string' ? (word.split('-')[0] ?? '') : '';
    if (Object.hasOwn(refusals, name)) return toolRefused(`${where} does not let us in: ${refusals[name]}.`);
  }
  return toolUnavailable(`${where} ended the session.`);
}
