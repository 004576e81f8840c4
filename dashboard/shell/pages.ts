/** The pages, in the order of the navigation. `key` goes there after `g`. */
export const pages = [
  { path: '/', label: 'Overview', key: 'o' },
  { path: '/inbox', label: 'Inbox', key: 'i' },
  { path: '/noise', label: 'Noise', key: 'n' },
  { path: '/windows', label: 'Windows', key: 'w' },
  { path: '/rules', label: 'Rules', key: 'r' },
  { path: '/explore', label: 'Explore', key: 'e' },
  { path: '/devices', label: 'Devices', key: 'd' },
  { path: '/pipelines', label: 'Pipelines', key: 'p' },
  { path: '/query', label: 'Query', key: 'q' },
  { path: '/bench', label: 'Bench', key: 'b' },
] as const;

type AppPage = (typeof pages)[number];

/** The page that an address belongs to, undefined for none: that of one alert is the inbox's. */
export function pageAt(pathname: string): AppPage | undefined {
  const place = /^\/(alerts|incidents)\//.test(pathname) ? '/inbox' : pathname;
  return pages.find(({ path }) => place === path || (path !== '/' && place.startsWith(`${path}/`)));
}

/** The address of one alert's page. */
export function alertPath(alertId: string): string {
  return `/alerts/${encodeURIComponent(alertId)}`;
}

/** The address of one incident's page. */
export function incidentPath(incidentId: string): string {
  return `/incidents/${encodeURIComponent(incidentId)}`;
}

/** The address of one device's page. */
export function devicePath(deviceId: string): string {
  return `/devices/${encodeURIComponent(deviceId)}`;
}
