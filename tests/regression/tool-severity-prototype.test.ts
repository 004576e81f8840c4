import { expect, it } from 'vitest';

import { meaningOfTool } from '../../enrichers/meaning.ts';

it.each(['__proto__', 'constructor', 'toString'])('an alert of the severity %s is a warning', (severity) => {
  const data = { outcome: 'failure', message: 'overdue', row: { severity } };
  expect(meaningOfTool('TACTICAL_RMM', 'alert.triggered', data).severity).toBe('WARNING');
});
