import { join } from 'node:path';
import { expect, it } from 'vitest';

import { readEngineSuites } from './engine-suites.ts';
import { knownBad, root } from './run-tool.ts';

it('names each suite that an engine forgot', () => {
  expect(readEngineSuites(join(knownBad, 'forgotten-suite'))).toEqual({
    engines: ['brokers/embedded', 'brokers/kafka', 'brokers/silent', 'sinks/pinot', 'stores/embedded'],
    faults: [
      'brokers/embedded implements Messaging and no test of it calls describeMessaging',
      'brokers/kafka implements Log and no test of it calls describeLog',
      'brokers/silent implements no port of brokers/',
      'sinks/pinot implements Analytics and no test of it calls describeAnalytics',
    ],
  });
});

it('finds the suite of every port that every engine implements', () => {
  const { engines, faults } = readEngineSuites(root);
  expect(faults).toEqual([]);
  expect(engines).toEqual(expect.arrayContaining(['brokers/embedded', 'sinks/embedded', 'stores/embedded']));
});
