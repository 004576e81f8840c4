import { constants } from 'node:fs';
import { access } from 'node:fs/promises';

import type { Clock } from '../../streams/clock.ts';
import { createMacLog, createWindowsEventLog } from './command-log.ts';
import { createFileLog } from './file-log.ts';
import { createJournalLog, journalIsReadable } from './journal-log.ts';
import { createKernelLog } from './kernel-log.ts';
import type { LogSource } from './log-source.ts';

/** Files that a syslog daemon writes; with a journal they hold the same lines again. */
const syslogFiles = [
  'syslog',
  'messages',
  'auth.log',
  'secure',
  'kern.log',
  'cron.log',
  'daemon.log',
  'mail.log',
];
/** Files that programs write themselves. */
const otherFiles = ['dpkg.log', 'alternatives.log', 'dnf.log', 'yum.log', 'pacman.log'];
const macFiles = ['system.log', 'install.log', 'wifi.log'];
const windowsChannels = ['System', 'Application'];

const inVarLog = (names: readonly string[]): string[] => names.map((name) => `/var/log/${name}`);

/**
 * The logs of this machine, once at start. On Linux the journal where there is one, otherwise syslog's files
 * that are readable, otherwise the kernel's ring buffer; and the files that programs write themselves. With
 * `files`, those and nothing else, whether they are there yet or not.
 */
export async function findLogs(
  platform: NodeJS.Platform,
  clock: Clock,
  files?: readonly string[],
): Promise<LogSource[]> {
  const follow = (paths: readonly string[]): LogSource[] => paths.map((path) => createFileLog(path, clock));
  if (files !== undefined) return follow(files);
  if (platform === 'win32') return windowsChannels.map((channel) => createWindowsEventLog(channel, clock));
  if (platform === 'darwin') return [createMacLog(clock), ...follow(await readable(inVarLog(macFiles)))];
  const others = follow(await readable(inVarLog(otherFiles)));
  if (platform !== 'linux') return [...follow(await readable(inVarLog(syslogFiles))), ...others];
  if (await journalIsReadable()) return [createJournalLog(clock), ...others];
  const syslog = follow(await readable(inVarLog(syslogFiles)));
  if (syslog.length > 0) return [...syslog, ...others];
  const kernel = (await readable(['/dev/kmsg'])).map(() => createKernelLog(clock));
  return [...kernel, ...others];
}

async function readable(paths: readonly string[]): Promise<string[]> {
  const checks = await Promise.allSettled(paths.map((path) => access(path, constants.R_OK)));
  return paths.filter((_, i) => checks[i]?.status === 'fulfilled');
}
