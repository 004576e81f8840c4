import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';

import { createTempFolder } from '../tests/support/temp-folder.ts';
import { triageOptionsOf, triageSettingsShape } from './triage-settings.ts';

const optionsOf = (given: Readonly<Record<string, string>>) =>
  triageOptionsOf(z.object(triageSettingsShape).parse(given));

it('asks no model without a key, whatever else is set', () => {
  expect(
    optionsOf({ OPENFRAME_ANTHROPIC_BASE_URL: 'http://127.0.0.1:1', OPENFRAME_TRIAGE_MODEL: 'm' }),
  ).toBeNull();
});

it('takes the key of our name before that of the common one, and a cost where both prices are set', () => {
  const keys = { OPENFRAME_ANTHROPIC_API_KEY: 'ours', ANTHROPIC_API_KEY: 'common' };
  expect(optionsOf(keys)).toMatchObject({
    apiKey: 'ours',
    baseUrl: 'https://api.anthropic.com',
    prices: null,
  });
  const common = { ANTHROPIC_API_KEY: 'common', ANTHROPIC_BASE_URL: 'http://127.0.0.1:1' };
  const prices = {
    OPENFRAME_TRIAGE_USD_PER_MILLION_INPUT: '3',
    OPENFRAME_TRIAGE_USD_PER_MILLION_OUTPUT: '15',
  };
  expect(optionsOf({ ...common, ...prices })).toMatchObject({
    ...{ apiKey: 'common', baseUrl: 'http://127.0.0.1:1', prices: { input: 3, output: 15 } },
  });
});

it('reads the key from its file, and names a file that holds none', async () => {
  await using folder = await createTempFolder();
  const file = join(folder.path, 'key');
  await writeFile(file, 'secret\n');
  expect(optionsOf({ OPENFRAME_ANTHROPIC_API_KEY_FILE: file })?.apiKey).toBe('secret');
  await writeFile(file, '\n');
  expect(() => optionsOf({ OPENFRAME_ANTHROPIC_API_KEY_FILE: file })).toThrow('KEY_FILE is empty');
  expect(() => optionsOf({ OPENFRAME_ANTHROPIC_API_KEY_FILE: `${file}.none` })).toThrow('cannot be read');
});
