import { agentEventTypes } from '../../contracts/event.ts';
import type { Mappings } from './mapping.ts';

/** What our own agent and the platform say of devices, but for logs and inventories, whose meaning is in the data. */
export const agentMappings: Mappings = {
  [agentEventTypes.heartbeat]: { type: 'DEVICE_HEARTBEAT', sentence: 'The agent is alive' },
  [agentEventTypes.metrics]: { type: 'SYSTEM_MONITORING', sentence: 'Measurements of the device' },
};
