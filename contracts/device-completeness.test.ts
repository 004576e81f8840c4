import { expect, it } from 'vitest';

import { deviceCompletenessOf } from './device-completeness.ts';
import { type EnrichedEvent, toStoredEvent } from './enriched.ts';

const event = (given: Partial<EnrichedEvent>): Parameters<typeof deviceCompletenessOf>[0] =>
  toStoredEvent({
    eventId: '00000000-0000-5000-8000-000000000001',
    tenantId: 'acme',
    source: '/tools/fleet-mdm/fleet/activities',
    sourceId: '1',
    toolType: 'FLEET_MDM',
    sourceType: 'mdm_enrolled',
    eventType: 'MDM_ENROLLED',
    severity: 'INFO',
    summary: '',
    eventTime: 0,
    ingestTime: 0,
    ...given,
  });
const agent = { device: { agentId: '17' } };

it.each([
  ['complete', { data: { row: {} } }],
  ['complete', { deviceId: 'd-17', data: { ...agent, deviceJoin: 'joined' } }],
  ['device-missing', { data: { device: { name: 'pc-1' }, deviceJoin: 'missing' } }],
  ['device-unlinked', { data: agent }],
  ['device-unlinked', { data: { ...agent, deviceJoin: 'back-filled' } }],
  ['back-filled', { deviceId: 'd-17', data: { ...agent, deviceJoin: 'back-filled' } }],
  ['complete', { source: '/agents/d-1', data: { deviceJoin: 'missing', ...agent } }],
  ['complete', { data: 'text' }],
])('is %s of %j', (expected, given) => {
  expect(deviceCompletenessOf(event(given))).toBe(expected);
});
