import { describe, expect, it } from 'vitest';

import { readPreferences } from './preference-store.ts';

describe('readPreferences', () => {
  it('reads what was stored', () => {
    expect(readPreferences('{"theme":"dark","zone":"utc"}')).toEqual({ theme: 'dark', zone: 'utc' });
  });

  it.each([null, '', 'x', 'null', '[]', '{"theme":"pink","zone":7}'])('falls back for %j', (text) => {
    expect(readPreferences(text)).toEqual({ theme: 'system', zone: 'local' });
  });
});
