import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { createSecretBox, type SealedSecret } from './sealed-secret.ts';

const box = () => {
  const key = randomBytes(32);
  return createSecretBox({ key: () => key, randomBytes });
};

/** Flips one bit of the first byte. */
const changed = (text: string): string => {
  const bytes = Buffer.from(text, 'base64url');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes.toString('base64url');
};

describe('a sealed secret', () => {
  it('opens with its key for its owner, and is sealed otherwise each time', () => {
    const one = box();
    const [first, second] = [one.seal('fleet/a', 'Pässwörd 🔑'), one.seal('fleet/a', 'Pässwörd 🔑')];
    expect(one.open('fleet/a', first)).toBe('Pässwörd 🔑');
    expect(first.text).not.toBe(second.text);
    expect(JSON.stringify(first)).not.toContain('ssw');
  });

  it('cannot be opened with another key, as another owner’s, or changed', () => {
    const one = box();
    const sealed = one.seal('fleet/a', 'secret');
    const refusals: [ReturnType<typeof box>, string, SealedSecret][] = [
      [box(), 'fleet/a', sealed],
      [one, 'fleet/b', sealed],
      [one, 'fleet/a', { ...sealed, text: changed(sealed.text) }],
      [one, 'fleet/a', { ...sealed, tag: changed(sealed.tag) }],
      [one, 'fleet/a', { ...sealed, tag: sealed.tag.slice(0, 6) }],
      [one, 'fleet/a', { ...sealed, nonce: changed(sealed.nonce) }],
      [one, 'fleet/a', { ...sealed, nonce: '' }],
    ];
    for (const [with_, owner, what] of refusals) {
      expect(() => with_.open(owner, what)).toThrow(/cannot be opened/);
    }
  });
});
