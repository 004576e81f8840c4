import type { TenantScope } from '../../contracts/tenant.ts';
import type { Analytics, EventFilter, FacetName, FacetValue } from '../../sinks/analytics.ts';

type Facets = Readonly<Record<FacetName, readonly FacetValue[]>>;

/** The condition of a filter that chooses values of a facet. */
const conditions: Readonly<Record<FacetName, keyof EventFilter>> = {
  eventType: 'eventTypes',
  toolType: 'toolTypes',
  severity: 'severities',
  organizationId: 'organizationIds',
  deviceId: 'deviceId',
};

/**
 * Counts by value. `others`: each facet counts what the other conditions leave, so that one may add a value to those
 * that are chosen; otherwise all conditions hold, and the counts of a facet add up to the matching events that have it.
 */
export async function askEventFacets(
  analytics: Pick<Analytics, 'facets'>,
  scope: TenantScope,
  {
    filter,
    limit,
    others,
  }: { readonly filter: EventFilter; readonly limit: number; readonly others: boolean },
): Promise<Facets> {
  const names = Object.keys(conditions) as FacetName[];
  const own = others ? names.filter((name) => filter[conditions[name]] !== undefined) : [];
  const [all, ...widened] = await Promise.all([
    analytics.facets(scope, filter, limit),
    ...own.map((name) => {
      const { [conditions[name]]: _left, ...rest } = filter;
      return analytics.facets(scope, rest, limit);
    }),
  ]);
  return own.reduce<Facets>((facets, name, at) => ({ ...facets, [name]: widened[at]?.[name] ?? [] }), all);
}
