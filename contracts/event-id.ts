import { hash } from 'node:crypto';

/** The namespace of event ids: fixed for ever, since an event's id must be the same wherever it is computed. */
export const eventIdNamespace = '5e1f7a52-3c0d-4c57-9b1e-6f2f0a7d4e91';

const namespaceBytes = Buffer.from(eventIdNamespace.replaceAll('-', ''), 'hex');
const variantDigits = '89ab';
let scratch = Buffer.alloc(2048);
scratch.set(namespaceBytes);

/** What stands before the name where its bytes are hashed: see `eventIdOfBytes`. */
export const eventIdPrefix: Uint8Array = namespaceBytes;

/**
 * The text that names an event: each part behind its length in UTF-16 code units, so that no two different
 * triples spell the same.
 */
export function eventName(tenantId: string, source: string, id: string): string {
  return `${tenantId.length}:${tenantId}${source.length}:${source}${id.length}:${id}`;
}

/**
 * An event's identity: the UUIDv5 (RFC 9562 section 5.5) of `eventName` in `eventIdNamespace`. Equal triples
 * give equal ids, in every process and version. The parts must be well-formed text.
 */
export function eventIdOf(tenantId: string, source: string, id: string): string {
  const name = eventName(tenantId, source, id);
  const needed = namespaceBytes.length + name.length * 3;
  if (needed > scratch.length) {
    scratch = Buffer.alloc(needed * 2);
    scratch.set(namespaceBytes);
  }
  const end = namespaceBytes.length + scratch.write(name, namespaceBytes.length, 'utf8');
  return eventIdOfBytes(scratch.subarray(0, end));
}

/** The same where `eventIdPrefix` and the name behind it are at hand as UTF-8: saves making texts of them. */
export function eventIdOfBytes(prefixedName: Uint8Array): string {
  const digest = hash('sha1', prefixedName, 'hex');
  const variant = variantDigits[Number.parseInt(digest[16] ?? '0', 16) & 3] ?? '8';
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
