import { z } from 'zod';

import type { LlmTriageOptions } from '../alerting/llm/triage.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import { readSecretFile } from './secret-file.ts';

const officialUrl = 'https://api.anthropic.com';
const apiAddress = () =>
  z
    .url({ protocol: /^https?$/ })
    .refine((text) => new URL(text).username === '' && new URL(text).password === '', {
      error: 'must hold no user or password',
    })
    .optional();
const price = (what: string) =>
  z.coerce
    .number()
    .nonnegative()
    .optional()
    .describe(
      `US dollars for a million tokens ${what} the model. Both prices: the cost of each triage is told.`,
    );

/** Settings of triage by a model. */
export const triageSettingsShape = {
  OPENFRAME_ANTHROPIC_API_KEY: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Key of the Messages API. With one, people may have a model asked about an incident: its alerts, devices and events are sent there. Without one, nothing leaves the platform.',
    ),
  OPENFRAME_ANTHROPIC_API_KEY_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('File that holds the key, instead.'),
  OPENFRAME_ANTHROPIC_BASE_URL: apiAddress().describe(
    `Where the Messages API answers; without it, \`${officialUrl}\`.`,
  ),
  ANTHROPIC_API_KEY: z
    .string()
    .min(1)
    .optional()
    .describe('The key by the name that other programs use; the names above win.'),
  ANTHROPIC_BASE_URL: apiAddress().describe('The address by the name that other programs use.'),
  OPENFRAME_TRIAGE_MODEL: z
    .string()
    .min(1)
    .max(100)
    .default('claude-sonnet-5-5')
    .describe('The model that is asked.'),
  OPENFRAME_TRIAGE_TOKENS_PER_DAY: z.coerce
    .number()
    .int()
    .min(0)
    .default(200_000)
    .describe('Tokens, in and out, that one tenant may use in a day (UTC).'),
  OPENFRAME_TRIAGE_TIMEOUT_SECONDS: z.coerce
    .number()
    .min(1)
    .max(600)
    .default(60)
    .describe('How long a question to the model may take, with all of its tries.'),
  OPENFRAME_TRIAGE_USD_PER_MILLION_INPUT: price('to'),
  OPENFRAME_TRIAGE_USD_PER_MILLION_OUTPUT: price('from'),
};

export type TriageSettings = z.output<z.ZodObject<typeof triageSettingsShape>>;

/** What the settings say of the model; null where there is no key. */
export function triageOptionsOf(settings: TriageSettings): LlmTriageOptions | null {
  const apiKey = keyOf(settings);
  if (apiKey === undefined) return null;
  const { OPENFRAME_TRIAGE_USD_PER_MILLION_INPUT: input, OPENFRAME_TRIAGE_USD_PER_MILLION_OUTPUT: output } =
    settings;
  return {
    apiKey,
    baseUrl: settings.OPENFRAME_ANTHROPIC_BASE_URL ?? settings.ANTHROPIC_BASE_URL ?? officialUrl,
    model: settings.OPENFRAME_TRIAGE_MODEL,
    timeoutMs: settings.OPENFRAME_TRIAGE_TIMEOUT_SECONDS * 1000,
    prices: input === undefined || output === undefined ? null : { input, output },
  };
}

function keyOf(settings: TriageSettings): string | undefined {
  const { OPENFRAME_ANTHROPIC_API_KEY: key, OPENFRAME_ANTHROPIC_API_KEY_FILE: file } = settings;
  if (key !== undefined || file === undefined) return key ?? settings.ANTHROPIC_API_KEY;
  const setting = 'OPENFRAME_ANTHROPIC_API_KEY_FILE';
  const text = readSecretFile(setting, file).trim();
  if (text === '') throw new OpenFrameError('CONFIGURATION_INVALID', `${setting} is empty`);
  return text;
}
