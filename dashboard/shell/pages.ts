/** The pages, in the order of the navigation. `key` goes there after `g`. */
export const pages = [
  { path: '/', label: 'Overview', key: 'o' },
  { path: '/explore', label: 'Explore', key: 'e' },
  { path: '/devices', label: 'Devices', key: 'd' },
  { path: '/pipelines', label: 'Pipelines', key: 'p' },
  { path: '/query', label: 'Query', key: 'q' },
] as const;

/** The address of one device's page. */
export function devicePath(deviceId: string): string {
  return `/devices/${encodeURIComponent(deviceId)}`;
}
