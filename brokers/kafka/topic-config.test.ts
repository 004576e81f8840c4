import { describe, expect, it } from 'vitest';

import type { TopicDeclaration } from '../log.ts';
import { topicConfig } from './client.ts';

const declaration: TopicDeclaration = {
  name: 'in',
  partitions: 1,
  cleanup: 'delete',
  retentionMs: 3_600_000,
  retentionBytes: 1_048_576,
};

describe('the configuration of a topic', () => {
  it('has the declared age where brokers stamp records with the time of their append', () => {
    const config = topicConfig(declaration, { keepsRecordTimes: true });
    expect(config).toMatchObject({ 'retention.ms': '3600000', 'retention.bytes': '1048576' });
  });

  it('says how large a batch may be, where that is declared', () => {
    const larger = { ...declaration, maxBatchBytes: 2_097_152 };
    for (const cleanup of ['delete', 'compact'] as const) {
      const config = topicConfig({ ...larger, cleanup }, { keepsRecordTimes: true });
      expect(config).toMatchObject({ 'max.message.bytes': '2097152' });
    }
    expect(topicConfig(declaration, { keepsRecordTimes: true })).not.toHaveProperty('max.message.bytes');
  });

  it('has no age where records keep their own times, so that none goes for being late', () => {
    const config = topicConfig(declaration, { keepsRecordTimes: false });
    expect(config).toMatchObject({ 'retention.ms': '-1', 'retention.bytes': '1048576' });
  });
});
