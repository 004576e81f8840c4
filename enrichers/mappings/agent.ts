import { agentEventTypes } from '../../contracts/event.ts';
import type { Mappings } from './mapping.ts';

/** What our own agent and the platform say of devices, but for logs and inventories, whose meaning is in the data. */
export const agentMappings: Mappings = {
  [agentEventTypes.heartbeat]: { type: 'DEVICE_HEARTBEAT', sentence: 'The agent is alive' },
  [agentEventTypes.metrics]: { type: 'SYSTEM_MONITORING', sentence: 'Measurements of the device' },
  'openframe.device.online': { type: 'DEVICE_ONLINE' },
  'openframe.device.offline': { type: 'DEVICE_OFFLINE' },
  'openframe.device.late': { type: 'DEVICE_UPDATED', sentence: '{device} is late: {message}' },
  'openframe.device.cloned': {
    type: 'DEVICE_UPDATED',
    sentence: 'More than one machine reports as {device}: {message}',
  },
  'openframe.device.registered': { type: 'DEVICE_REGISTERED' },
  'openframe.device.changed': { type: 'DEVICE_UPDATED', sentence: '{device} changed: {message}' },
};
