import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createSystemClock } from '../../streams/clock.ts';
import { createJournalLog, journalIsReadable, parseJournalEntry } from './journal-log.ts';
import { type LogLine, logLimits, type LogSource } from './log-source.ts';

const entry = (cursor: string, more: Record<string, unknown> = {}): string =>
  JSON.stringify({
    __CURSOR: cursor,
    __REALTIME_TIMESTAMP: '1795386550123456',
    MESSAGE: `line ${cursor}`,
    ...more,
  });

describe('a journal entry', () => {
  it('has its time, severity and unit', () => {
    const parsed = parseJournalEntry(
      entry('s=1;i=2', { PRIORITY: '3', SYSLOG_IDENTIFIER: 'sshd', _SYSTEMD_UNIT: 'ssh.service' }),
    );
    expect(parsed?.lines[0]?.id).toMatch(/^journal-[\w-]{22}$/);
    expect(parsed).toMatchObject({
      cursor: 's=1;i=2',
      lines: [
        {
          timeMs: 1795386550123,
          message: 'line s=1;i=2',
          severityText: 'ERROR',
          logger: 'ssh.service',
        },
      ],
    });
  });

  it('may hold bytes that are no text, a field twice, or no message', () => {
    const message = (value: unknown) => parseJournalEntry(entry('c', { MESSAGE: value }))?.lines[0]?.message;
    expect(message([...Buffer.from('café')])).toBe('café');
    expect(message(['first', 'second'])).toBe('first');
    expect(parseJournalEntry(entry('c', { MESSAGE: null }))).toEqual({ cursor: 'c', lines: [] });
    expect(parseJournalEntry('{"MESSAGE":"no cursor"}')).toBeUndefined();
    expect(parseJournalEntry('{"cut')).toBeUndefined();
  });

  it('that is long comes in pieces with ids of their own', () => {
    const lines =
      parseJournalEntry(entry('c', { MESSAGE: 'x'.repeat(logLimits.lineBytes + 5) }))?.lines ?? [];
    expect(lines.map((line) => line.message.length)).toEqual([logLimits.lineBytes, 5]);
    expect(lines[1]?.id).toBe(`${lines[0]?.id}.1`);
  });
});

/** Stands for journalctl: prints the entries of a file behind the given cursor, then waits or ends. */
const script = (folder: string, ending: string): string => `#!/bin/sh
for argument; do case "$argument" in --after-cursor=*) after="\${argument#--after-cursor=}";; esac; done
awk -v after="$after" 'after == "" || found { print; fflush() } after != "" && index($0, "\\"__CURSOR\\":\\"" after "\\"") { found = 1 }' '${folder}/journal'
${ending}
`;

describe.skipIf(process.platform === 'win32')('following the journal', () => {
  let folder: string;
  let command: string;
  const never = new AbortController().signal;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'openframe-journal-'));
    command = join(folder, 'journalctl');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function install(ending: string, cursors: readonly string[]): void {
    // Of now: the first read leaves out what is old.
    const written = { __REALTIME_TIMESTAMP: `${Date.now()}000` };
    writeFileSync(join(folder, 'journal'), cursors.map((cursor) => `${entry(cursor, written)}\n`).join(''));
    writeFileSync(command, script(folder, ending));
    chmodSync(command, 0o755);
  }

  async function readUntil(source: LogSource, cursor: string | undefined, last: string): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    for (let at = cursor; at !== last;) {
      const batch = await source.read(at, never);
      lines.push(...(batch?.lines ?? []));
      at = batch?.cursor ?? at;
    }
    return lines;
  }

  it('goes on behind the cursor after a restart, and when the command ended by itself', async () => {
    install('exit 1', ['a', 'b']);
    {
      await using source = createJournalLog(createSystemClock(), command);
      expect((await readUntil(source, undefined, 'b')).map((line) => line.message)).toEqual([
        'line a',
        'line b',
      ]);
      install('exec sleep 1000', ['a', 'b', 'c']);
      expect((await readUntil(source, 'b', 'c')).map((line) => line.message)).toEqual(['line c']);
    }
    await using restarted = createJournalLog(createSystemClock(), command);
    const again = await readUntil(restarted, 'a', 'c');
    expect(again.map((line) => line.message)).toEqual(['line b', 'line c']);
  });

  it('reads again what was not made durable', async () => {
    install('exec sleep 1000', ['a', 'b']);
    await using source = createJournalLog(createSystemClock(), command);
    const [, once] = await readUntil(source, undefined, 'b');
    expect(await readUntil(source, 'a', 'b')).toEqual([once]);
  });

  it('is possible only where there is an entry to read', async () => {
    install('', ['a']);
    expect(await journalIsReadable(command)).toBe(true);
    install('', []);
    expect(await journalIsReadable(command)).toBe(false);
    expect(await journalIsReadable(join(folder, 'absent'))).toBe(false);
  });
});
