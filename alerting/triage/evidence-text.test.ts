import { expect, it } from 'vitest';

import { rowAnswer } from './evidence-text.ts';

it.each([
  ['same-device', 'of the same device'],
  ['same-trouble-in-organization', 'of the same trouble on another device of the organization'],
  ['parent', 'of the site or the device that it depends on'],
] as const)('says what an edge of the kind %s relates', (relation, words) => {
  const edge = { id: 'R1', kind: 'edge', alertId: 'a2', toAlertId: 'a1', relation, gapMs: 4_200 } as const;
  expect(rowAnswer(edge)).toMatchObject({
    alertId: 'a2',
    text: `opened 4 s after another alert ${words}`,
  });
});
