import { describe, expect, it } from 'vitest';

import { parseMacLog, parseWindowsEvents } from './command-log.ts';

const windowsEvent = (record: number, message: string): string =>
  `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Service Control Manager'/>` +
  `<EventID Qualifiers='16384'>7036</EventID><Level>2</Level><TimeCreated SystemTime='2026-11-22T10:00:0${record % 10}.5000000Z'/>` +
  `<EventRecordID>${record}</EventRecordID></System><EventData><Data Name='a'>b</Data></EventData>` +
  (message === '' ? '' : `<RenderingInfo Culture='en-US'><Message>${message}</Message></RenderingInfo>`) +
  `</Event>`;

describe("Windows' events", () => {
  it('come oldest first whatever the order they were printed in, escapes undone', () => {
    const batch = parseWindowsEvents(
      windowsEvent(12, 'two &lt;b&gt; &amp;amp; &#233;') + windowsEvent(11, 'one'),
      'System',
    );
    expect(batch?.cursor).toBe('12');
    expect(batch?.lines.map((line) => line.message)).toEqual(['one', 'two <b> &amp; é']);
    expect(batch?.lines[0]).toMatchObject({
      severityText: 'ERROR',
      logger: 'Service Control Manager',
      timeMs: Date.parse('2026-11-22T10:00:01.5Z'),
    });
  });

  it('without a rendered message show their data', () => {
    expect(parseWindowsEvents(windowsEvent(1, ''), 'System')?.lines[0]?.message).toBe('b');
    expect(parseWindowsEvents('', 'System')).toBeUndefined();
  });
});

describe("macOS's log", () => {
  it('keeps the ids of lines that are read again with their second', () => {
    const line = (message: string, mach: number): string =>
      JSON.stringify({
        timestamp: '2026-11-22 10:00:01.250000+0100',
        eventMessage: message,
        messageType: 'Fault',
        processImagePath: '/usr/libexec/x',
        traceID: 5,
        machTimestamp: mach,
      });
    const once = parseMacLog(`${line('one', 1)}\n`);
    const again = parseMacLog(
      `Timestamp and other headings\n${line('one', 1)}\n${line('two', 2)}\n{"count":2}\n`,
    );
    expect(once?.cursor).toBe(String(Date.parse('2026-11-22T09:00:01Z') / 1000));
    expect(again?.lines[0]).toEqual(once?.lines[0]);
    expect(new Set(again?.lines.map((l) => l.id)).size).toBe(2);
  });
});
