import { accessSync, constants } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { createSystemClock } from '../../streams/clock.ts';
import { createKernelLog, parseKernelRecord } from './kernel-log.ts';

const never = new AbortController().signal;

function kmsgIsReadable(): boolean {
  try {
    accessSync('/dev/kmsg', constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

describe('a kernel record', () => {
  it('is priority, sequence, time and text; properties and further fields are passed over', () => {
    const text =
      '30,338,1281646,-,caller=T1;usb 1-1: caf\\xc3\\xa9 \\x5b\n SUBSYSTEM=usb\n DEVICE=+usb:1-1\n';
    expect(parseKernelRecord(text)).toEqual({
      severityText: 'INFO',
      sequence: 338,
      micros: 1281646,
      message: 'usb 1-1: café [',
    });
    expect(parseKernelRecord('3,1,2,-;bad')?.severityText).toBe('ERROR');
    expect(parseKernelRecord('no record')).toBeUndefined();
  });
});

describe.skipIf(!kmsgIsReadable())("the kernel's ring buffer", () => {
  it('is read once over a restart, and again under the same ids without its cursor', async () => {
    const clock = createSystemClock();
    await using first = createKernelLog(clock);
    const all = await first.read(undefined, never);
    expect(await first.read(all?.cursor, never)).toBeUndefined();
    await using second = createKernelLog(clock);
    expect(await second.read(all?.cursor, never)).toBeUndefined();
    await using third = createKernelLog(clock);
    const again = await third.read(undefined, never);
    expect(again?.lines.map((line) => line.id)).toEqual(all?.lines.map((line) => line.id));
    expect(again?.cursor).toBe(all?.cursor);
  });
});
