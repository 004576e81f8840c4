import { mergeConfig, type ViteUserConfig } from 'vitest/config';

import engines from '../engines/vitest.engines.config.ts';

const only = process.env['OPENFRAME_FAULTS_ONLY'];

/**
 * Every fault at full size, run by `npm run test:faults`: about two hours. `OPENFRAME_FAULTS_ONLY=poison,same-event`
 * runs those alone.
 */
const config: ViteUserConfig = mergeConfig(engines, {
  test: { provide: { faultsOnly: only === undefined ? [] : only.split(',') } },
});
config.test = { ...config.test, include: ['tests/faults/full.faults.ts'] };

export default config;
