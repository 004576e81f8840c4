import { createHash } from 'node:crypto';

import { machine } from './machine.ts';
import type { BenchReport } from './report.ts';

/** A report of this machine, its configuration named by a hash. */
export function makeReport(
  measured: Omit<BenchReport, 'schema' | 'machine' | 'configurationHash'>,
): BenchReport {
  const text = JSON.stringify(measured.configuration);
  return {
    schema: 'openframe.bench/1',
    ...measured,
    machine: machine(),
    configurationHash: createHash('sha256').update(text).digest('hex').slice(0, 12),
  };
}
