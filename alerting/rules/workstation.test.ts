import { expect, it } from 'vitest';

import { isWorkstation } from './workstation.ts';

const os = (platform: string, name: string) => ({ platform, name, version: '1', arch: 'x64' });
const of = (platform: string, name: string, hardware?: object) => ({
  hostname: 'h',
  os: os(platform, name),
  hardware,
});

it.each([
  ['Windows for people', of('Windows', 'Microsoft Windows 11 Pro'), true],
  ['Windows for servers', of('Windows', 'Microsoft Windows Server 2022 Standard'), false],
  ['macOS', of('darwin', 'macOS'), true],
  ['Linux', of('linux', 'Debian GNU/Linux', { chassis: 'desktop' }), false],
  ['Linux on a laptop', of('linux', 'Debian GNU/Linux', { chassis: 'laptop' }), true],
  ['a device that does not say what it runs', { hostname: 'h' }, null],
  ['no inventory', { hostname: 'h', os: 'Windows' }, null],
])('knows whether people switch it off: %s', (_what, inventory, expected) => {
  expect(isWorkstation(inventory)).toBe(expected);
});
