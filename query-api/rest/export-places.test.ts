import { expect, it } from 'vitest';

import { createExportPlaces } from './export-places.ts';

it('gives a tenant three places, each free again when its export is over, whatever other tenants have', () => {
  const takePlace = createExportPlaces();
  const leave = Array.from({ length: 3 }, () => takePlace({ tenantId: 'acme' }));
  expect(() => takePlace({ tenantId: 'acme' })).toThrow('3 exports of this tenant');
  takePlace({ tenantId: 'umbrella' });
  leave[1]?.();
  takePlace({ tenantId: 'acme' });
  expect(() => takePlace({ tenantId: 'acme' })).toThrow('3 exports of this tenant');
});
