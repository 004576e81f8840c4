import { createHash } from 'node:crypto';

import { telemetrySubject } from '../../contracts/topics.ts';

/** Tokens of a subject may be of any length, but the line of the protocol that holds them is 4 KB. */
const longestToken = 200;
const longestType = 600;
/** Stands for an empty part: an escape is always longer. */
const emptyToken = '%';
/** The first token of all subjects that are stored. */
export const telemetryRoot = 'telemetry';
const plain = /^[A-Za-z0-9_-]+$/;

/**
 * Any text as one token of a subject: what is not a letter, a digit, `_` or `-` becomes `%XX`, by the bytes of its
 * UTF-8, as in a URL. So nobody's id reaches into another's subjects by `.`, `*` or `>`. A long one ends in its hash.
 */
export function subjectToken(text: string): string {
  if (text === '') return emptyToken;
  if (text.length <= longestToken && plain.test(text)) return text;
  let token = '';
  for (const byte of Buffer.from(text)) {
    const char = String.fromCharCode(byte);
    token += plain.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return token.length <= longestToken ? token : shortened(token, longestToken);
}

function shortened(token: string, length: number): string {
  const hash = createHash('sha256').update(token).digest('hex');
  return `${token.slice(0, length - hash.length - 2).replace(/%.?$/, '')}%-${hash}`;
}

/** `telemetry.<tenant>.<device>.<type>`, where dots of the type separate tokens, behind the deployment's prefix. */
export function subjectOf(prefix: string, tenantId: string, deviceId: string, type: string): string {
  const tokens = type.length > longestType ? subjectToken(type) : type.split('.').map(subjectToken).join('.');
  return prefix + telemetrySubject(subjectToken(tenantId), subjectToken(deviceId), tokens);
}

/** All subjects of the stream. */
export function streamSubject(prefix: string): string {
  return `${prefix}${telemetryRoot}.>`;
}

/** Where a device's heartbeats are told to whoever listens; they are not stored there. */
export function heartbeatSubject(prefix: string, deviceId: string): string {
  return `${prefix}machine.${subjectToken(deviceId)}.heartbeat`;
}

/** The tokens of tenant and device of a subject below `telemetry.`; they may be encoded. */
export function ownerOf(
  prefix: string,
  subject: string,
): { readonly tenant: string; readonly device: string } {
  const [, tenant = '', device = ''] = subject.slice(prefix.length).split('.');
  return { tenant: decodedToken(tenant), device: decodedToken(device) };
}

function decodedToken(token: string): string {
  if (token === emptyToken) return '';
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}
