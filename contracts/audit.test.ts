import { expect, it } from 'vitest';

import { unifiedTypes } from '../enrichers/taxonomy.ts';
import { auditTypes } from './audit.ts';

it('names unified types alone, each once, and none of what machines report by themselves', () => {
  expect(auditTypes.filter((type) => !unifiedTypes.has(type))).toEqual([]);
  expect(new Set(auditTypes).size).toBe(auditTypes.length);
  const telemetry = [
    'DEVICE_HEARTBEAT',
    'SYSTEM_MONITORING',
    'SYSTEM_STATUS',
    'SYSTEM_ERROR',
    'QUERY_EXECUTED',
  ];
  expect(telemetry.filter((type) => auditTypes.includes(type))).toEqual([]);
});
