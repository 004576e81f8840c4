import { hash } from 'node:crypto';

/** Longer texts stand in a key as their hash, so that nobody's text makes the keys long. */
const longestText = 120;

/** The keys of one tenant's cells. Parts stand behind their length: no two different pairs spell the same. */
export interface CellKeys {
  readonly prefix: string;
  readonly totals: string;
  host(host: string): string;
  name(name: string): string;
  kind(host: string, name: string): string;
  alert(id: string): string;
  incident(id: string): string;
  site(organizationId: string): string;
  /** What people's feedback said of a name, and of a name on a host. */
  toldOfName(name: string): string;
  toldOfKind(host: string, name: string): string;
}

export function createCellKeys(tenantId: string): CellKeys {
  const prefix = `${tenantId}/`;
  return {
    prefix,
    totals: `${prefix}totals`,
    host: (host) => `${prefix}host/${short(host)}`,
    name: (name) => `${prefix}name/${short(name)}`,
    kind: (host, name) => `${prefix}kind/${host.length}:${short(host)}/${short(name)}`,
    alert: (id) => `${prefix}alert/${id}`,
    incident: (id) => `${prefix}incident/${id}`,
    site: (organizationId) => `${prefix}site/${short(organizationId)}`,
    toldOfName: (name) => `${prefix}told/name/${short(name)}`,
    toldOfKind: (host, name) => `${prefix}told/kind/${host.length}:${short(host)}/${short(name)}`,
  };
}

/**
 * An alert's id: a hash of what it is (tenant, name, first host) and of which one in a row, so a replay of the same
 * reports gives the same ids. 32 hexadecimal digits.
 */
export function alertIdOf(tenantId: string, name: string, host: string, ordinal: number): string {
  const parts = [tenantId, name, host].map((part) => `${part.length}:${part}`);
  return hash('sha256', `alert/1/${parts.join('')}${ordinal}`, 'hex').slice(0, 32);
}

function short(text: string): string {
  return text.length <= longestText ? text : `#${hash('sha256', text, 'hex')}`;
}
