import type { AlertCell, Under } from './cells.ts';
import type { TenantCells } from './tenant-cells.ts';

/** What a host's silence follows from. */
export interface Explanation {
  /** The host that is silent above it, and by which name that is told. */
  readonly under: Under;
  /** The alert that says so; null while the parent is late, and nobody knows yet. */
  readonly alert: AlertCell | null;
}

/** The device that each device depends on which has a parent, as somebody declared it. */
export type ParentByDevice = ReadonlyMap<string, string>;

const mostLevels = 8;
const parentSilence = 'silence';

/** The site that fell silent with the host, or else the nearest declared parent that is late or silent itself. */
export function explanationOf(cells: TenantCells, parents: ParentByDevice, host: string): Explanation | null {
  const { under } = cells.host(cells.keys.host(host));
  const ofSite = under === undefined ? undefined : cells.lasting(under);
  if (under !== undefined && ofSite !== undefined) return { under, alert: ofSite };
  let above = parents.get(host);
  for (let level = 0; above !== undefined && level < mostLevels; level++, above = parents.get(above)) {
    const { presence, silence } = cells.host(cells.keys.host(above));
    if (presence === undefined) continue;
    const alert = silence === undefined ? null : (cells.alert(silence) ?? null);
    return { under: { host: above, name: parentSilence }, alert };
  }
  return null;
}

export function isSameUnder(a: Under | undefined, b: Under | undefined): boolean {
  return a?.host === b?.host && a?.name === b?.name;
}
