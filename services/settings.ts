import { z } from 'zod';

import { OpenFrameError } from '../contracts/errors.ts';
import { engineSettingsShape } from './engine-settings.ts';
import { mailSettingsShape } from './mail/mail-settings.ts';
import { triageSettingsShape } from './triage-settings.ts';

const megabytes = (value: number): number => value * 1024 * 1024;

/** Every setting of the platform: the variable's name, what it means, and its default. The one schema. */
export const settingsSchema = z.object({
  OPENFRAME_PROFILE: z
    .enum(['embedded', 'distributed'])
    .default('embedded')
    .describe('Which engines to run on: those in this process, or real servers.'),
  OPENFRAME_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .default(8080)
    .describe('HTTP port; 0 takes a free one.'),
  OPENFRAME_HOST: z
    .string()
    .default('127.0.0.1')
    .describe('Address to listen on. Anything but loopback opens the platform to the network.'),
  OPENFRAME_DATA_DIR: z.string().min(1).default('.openframe').describe('Folder that holds all data.'),
  OPENFRAME_PARTITIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe(
      'Partitions of the telemetry topics, fixed at the first start. Without it: 1 in the embedded profile, which has one worker for them, else 4.',
    ),
  OPENFRAME_DEDUPE_WINDOW_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .default(600)
    .describe('How long, by the times of acceptance, an event is remembered as seen.'),
  OPENFRAME_JOIN_LATENESS_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .default(600)
    .describe('How long an event of a tool waits for the row that says which device it is about.'),
  OPENFRAME_SECRETS_KEY_FILE: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File, readable by its owner alone, with the key that seals the secrets of connected tools: 32 bytes in base64. Without it, `up` makes `secrets.key` in its data folder.',
    ),
  OPENFRAME_SECRETS_KEY: z.string().min(1).optional().describe('The key itself, instead of a file.'),
  OPENFRAME_DEVICE_EVENTS: z
    .enum(['on', 'off'])
    .default('on')
    .describe(
      'Whether what devices do (registered, online, late, offline, changed, cloned) is told as events.',
    ),
  OPENFRAME_RETENTION_DAYS: z.coerce.number().min(0.001).default(30).describe('How long events are kept.'),
  OPENFRAME_AUDIT_RETENTION_DAYS: z.coerce
    .number()
    .min(0.001)
    .default(365)
    .describe(
      'How long events of what somebody did are kept: sign-ins, changes, scripts, remote sessions. Never shorter than the others.',
    ),
  OPENFRAME_TENANT_EVENTS_PER_SECOND: z.coerce
    .number()
    .positive()
    .default(50_000)
    .describe('Events a second that one tenant may send; bursts of ten times that.'),
  OPENFRAME_DEVICE_EVENTS_PER_SECOND: z.coerce
    .number()
    .positive()
    .default(5_000)
    .describe('Events a second that one device may send; bursts of ten times that.'),
  OPENFRAME_DUCKDB_MEMORY_BYTES: z.coerce
    .number()
    .int()
    .min(megabytes(32))
    .default(megabytes(256))
    .describe(
      'Memory that the embedded store of events may use. With 128 MB questions over 10 million events fail at times.',
    ),
  OPENFRAME_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('warn')
    .describe('Least severe line of the server log that is written to standard error, as JSON.'),
  OPENFRAME_GRAPHIQL: z
    .enum(['on', 'off'])
    .default('on')
    .describe('Whether a browser that opens `/graphql` gets GraphiQL, the editor for GraphQL.'),
  OPENFRAME_QUERY_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where the role query answers: the gateway passes on to it what is not for itself.'),
  OPENFRAME_CONTROL_TOKEN: z
    .string()
    .min(20)
    .optional()
    .describe(
      'Opens `/control/v1` of the role query to the command line; without it, the routes are closed.',
    ),
  OPENFRAME_INSTANCE: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,100}$/, 'letters, digits, dot, _ and -')
    .optional()
    .describe('Name of this process among its role; without it, host name and process id.'),
  OPENFRAME_DRAIN_SECONDS: z.coerce
    .number()
    .positive()
    .default(20)
    .describe('How long a role that was asked to stop may take to finish what it has in hand.'),
  ...mailSettingsShape,
  ...triageSettingsShape,
  ...engineSettingsShape,
});

export type Settings = z.infer<typeof settingsSchema>;

/** How long telemetry remembers an event, milliseconds. */
export function dedupeWindowMs(settings: Settings): number {
  return settings.OPENFRAME_DEDUPE_WINDOW_SECONDS * 1000;
}

/** How long the events of what somebody did are kept. */
export function auditRetentionMs(settings: Settings): number {
  const days = Math.max(settings.OPENFRAME_AUDIT_RETENTION_DAYS, settings.OPENFRAME_RETENTION_DAYS);
  return days * 86_400_000;
}

/**
 * The settings from the environment, with `overrides` (command-line flags) on top. Throws
 * `CONFIGURATION_INVALID` that names every fault at once.
 */
export function readSettings(overrides: Readonly<Record<string, string | undefined>> = {}): Settings {
  const given = Object.fromEntries(
    Object.keys(settingsSchema.shape).flatMap((name) => {
      const value = overrides[name] ?? process.env[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
  const parsed = settingsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new OpenFrameError('CONFIGURATION_INVALID', `The configuration is wrong. ${faults.join('; ')}.`, {
    details: { faults },
  });
}

/** The settings as a Markdown table, for `docs/settings.md`. */
export function settingsTable(): string {
  const defaults = settingsSchema.parse({}) as Record<string, unknown>;
  const rows = Object.entries(settingsSchema.shape).map(
    ([name, schema]) => `| \`${name}\` | ${shownDefault(defaults[name])} | ${schema.description ?? ''} |`,
  );
  return ['| variable | default | meaning |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

function shownDefault(value: unknown): string {
  if (value === undefined || value === '') return '';
  const text = Array.isArray(value)
    ? value.join(',')
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
  return `\`${text}\``;
}
