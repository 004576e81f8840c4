import { describe, expect, it } from 'vitest';

import { usageBetween } from './linux-processes.ts';
import { parseSystemdUnits } from './linux-services.ts';
import { parseSession, parseUtmp } from './linux-users.ts';
import {
  parseCpuTimes,
  parseDiskstats,
  parseMeminfo,
  parseMounts,
  parseNetDev,
  parseOsRelease,
  parseProcessStat,
} from './proc-texts.ts';

describe("Linux's texts", () => {
  it('CPU times are the first line of /proc/stat, interrupts together', () => {
    const text =
      'cpu  4705 150 1120 16250 520 7 30 5 90 10\ncpu0 2000 75 500 8000 260 0 10 2 45 5\nintr 1 2\n';
    expect(parseCpuTimes(text)).toEqual({
      user: 4705,
      nice: 150,
      system: 1120,
      idle: 16250,
      iowait: 520,
      interrupt: 37,
      steal: 5,
    });
    expect(parseCpuTimes('intr 1 2 3')).toBeUndefined();
  });

  it('memory is in bytes by name, brackets in names included', () => {
    const meminfo = parseMeminfo(
      'MemTotal:       24683656 kB\nActive(anon):     12 kB\nHugePages_Total:   0\n',
    );
    expect(Object.fromEntries(meminfo)).toEqual({ MemTotal: 24683656 * 1024, 'Active(anon)': 12288 });
  });

  it('disk bytes are of the named devices alone, sectors of 512 bytes', () => {
    const text = [
      ' 254       0 vda 61657 10633 4199634 11819 28609 40105 7204168 17588 0 9652 33162 8851 84 3070064 1781 3858 1973',
      ' 254       1 vda1 1 0 2 0 1 0 8 0 0 0 0',
      '   7       0 loop0 0 0 0',
      '',
    ].join('\n');
    expect([...parseDiskstats(text, new Set(['vda', 'loop0']))]).toEqual([
      ['vda', { inward: 4199634 * 512, outward: 7204168 * 512 }],
    ]);
  });

  it('network bytes are by interface, alias colons kept, the loopback and the headings left out', () => {
    const text = [
      'Inter-|   Receive                                                |  Transmit',
      ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
      '    lo:    3193      29    0    0    0     0          0         0     3193      29    0    0    0     0       0          0',
      '  eth0:616123155   18966    0    0    0     0          0         0  1249496   11405    0    0    0     0       0          0',
      'eth0:1: 5 1 0 0 0 0 0 0 6 1 0 0 0 0 0 0',
    ].join('\n');
    expect([...parseNetDev(text)]).toEqual([
      ['eth0', { inward: 616123155, outward: 1249496 }],
      ['eth0:1', { inward: 5, outward: 6 }],
    ]);
  });

  it("a process's name may hold brackets and blanks", () => {
    const rest =
      'R 1 8669 5636 0 -1 4194304 98 0 0 0 70 30 0 0 20 0 1 0 208627 3133440 390 18446744073709551615';
    expect(parseProcessStat(`8695 (a) (b c)) ${rest}`)).toEqual({
      pid: 8695,
      name: 'a) (b c)',
      ticks: 100,
      startedAt: 208627,
      residentPages: 390,
    });
    expect(parseProcessStat('8695 (cut')).toBeUndefined();
  });

  it("a process's CPU share is of one CPU, and none for one that took over a pid", () => {
    const process = { pid: 1, name: 'a', ticks: 100, startedAt: 5, residentPages: 2 };
    const before = new Map([[1, process]]);
    const later = new Map([[1, { ...process, ticks: 400 }]]);
    expect(usageBetween(before, later, 2)).toEqual([{ pid: 1, name: 'a', cpu: 1.5, memoryBytes: 8192 }]);
    const other = new Map([[1, { ...process, ticks: 400, startedAt: 6 }]]);
    expect(usageBetween(before, other, 2)[0]?.cpu).toBeUndefined();
  });

  it('mounts are what keeps data here, a device once at its shortest path, escapes undone', () => {
    const text = [
      'proc /proc proc rw 0 0',
      '/dev/vda /var/lib/some\\040data ext4 rw 0 0',
      '/dev/vda / ext4 rw,relatime 0 0',
      '/dev/vdb /mnt/a\\040b xfs rw 0 0',
      'server:/export /home nfs4 rw 0 0',
      'overlay /var/lib/docker/overlay2/x/merged overlay rw 0 0',
    ].join('\n');
    expect(parseMounts(text)).toEqual([
      { device: '/dev/vda', path: '/', type: 'ext4' },
      { device: '/dev/vdb', path: '/mnt/a b', type: 'xfs' },
    ]);
  });

  it('os-release values lose their quotes', () => {
    const values = parseOsRelease('NAME="Debian GNU/Linux"\nVERSION_ID=\'12\'\nID=debian\n# a comment\n');
    expect(Object.fromEntries(values)).toEqual({ NAME: 'Debian GNU/Linux', VERSION_ID: '12', ID: 'debian' });
  });

  it('service states are of loaded units that are not at rest', () => {
    const text = [
      'cron.service            loaded    active   running Regular background program processing daemon',
      'fstrim.service          loaded    inactive dead    Discard unused blocks',
      'nginx.service           loaded    failed   failed  A high performance web server',
      'apparmor.service        not-found inactive dead    apparmor.service',
      '',
    ].join('\n');
    expect(parseSystemdUnits(text)).toEqual([
      { name: 'cron', state: 'active' },
      { name: 'nginx', state: 'failed' },
    ]);
  });

  it('a session is a person’s when its class says so and it is not closing', () => {
    const session = 'UID=1000\nUSER=ada\nACTIVE=1\nSTATE=active\nREMOTE=1\nCLASS=user\n';
    expect(parseSession(session)).toBe('ada');
    expect(parseSession(session.replace('CLASS=user', 'CLASS=greeter'))).toBeUndefined();
    expect(parseSession(session.replace('STATE=active', 'STATE=closing'))).toBeUndefined();
  });

  it("utmp's users are those of user processes, a full field included", () => {
    const record = (type: number, user: string): Buffer => {
      const bytes = Buffer.alloc(384);
      bytes.writeInt16LE(type, 0);
      bytes.write(user, 44);
      return bytes;
    };
    const utmp = Buffer.concat([
      record(2, 'reboot'),
      record(7, 'ada'),
      record(7, 'u'.repeat(32)),
      Buffer.alloc(10),
    ]);
    expect(parseUtmp(utmp, 384)).toEqual(['ada', 'u'.repeat(32)]);
  });
});
