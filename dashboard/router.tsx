import {
  type AnyRoute,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouteComponent,
  type RouterHistory,
} from '@tanstack/react-router';

import { NoPage } from './shell/no-page.tsx';
import { Shell } from './shell/shell.tsx';

/**
 * The pages by address. The query string stays a text: each page reads and prints its own, so that an address
 * written by hand, by a program or by an older version is never rewritten.
 */
export function createAppRouter(history: RouterHistory) {
  const root = createRootRoute({ component: Shell, notFoundComponent: NoPage });
  const page: AddPage = (path, component) => createRoute({ getParentRoute: () => root, path, component });
  const routeTree = root.addChildren([
    page(
      '/',
      lazyRouteComponent(() => import('./overview/overview.tsx'), 'Overview'),
    ),
    ...alertPages(page),
    ...settingPages(page),
    page(
      '/explore',
      lazyRouteComponent(() => import('./explore/explore.tsx'), 'Explore'),
    ),
    page(
      '/devices',
      lazyRouteComponent(() => import('./devices/devices-page.tsx'), 'DevicesPage'),
    ),
    page(
      '/devices/$deviceId',
      lazyRouteComponent(() => import('./devices/device-page.tsx'), 'DevicePage'),
    ),
    page(
      '/pipelines',
      lazyRouteComponent(() => import('./pipeline/pipelines-page.tsx'), 'PipelinesPage'),
    ),
    page(
      '/query',
      lazyRouteComponent(() => import('./query/query-page.tsx'), 'QueryPage'),
    ),
    // The shell shows it by itself: any address with `wall=1` is the wall too.
    page('/wall', NoPage),
    page(
      '/bench',
      lazyRouteComponent(() => import('./bench/bench-page.tsx'), 'BenchPage'),
    ),
    page(
      '/l/$linkId',
      lazyRouteComponent(() => import('./views/link-page.tsx'), 'LinkPage'),
    ),
  ]);
  return createRouter({
    routeTree,
    history,
    parseSearch: (text) => ({ text }),
    stringifySearch: ({ text }) => (typeof text === 'string' ? text : ''),
  });
}

type AddPage = (path: string, component: RouteComponent) => AnyRoute;

/** What people set: when trouble is expected, and what is looked for. */
function settingPages(page: AddPage): AnyRoute[] {
  return [
    page(
      '/windows',
      lazyRouteComponent(() => import('./windows/windows-page.tsx'), 'WindowsPage'),
    ),
    page(
      '/rules',
      lazyRouteComponent(() => import('./rules/rules-page.tsx'), 'RulesPage'),
    ),
  ];
}

/** What technicians work off. */
function alertPages(page: AddPage): AnyRoute[] {
  return [
    page(
      '/inbox',
      lazyRouteComponent(() => import('./alerts/inbox.tsx'), 'Inbox'),
    ),
    page(
      '/alerts/$alertId',
      lazyRouteComponent(() => import('./alerts/alert-page.tsx'), 'AlertPage'),
    ),
    page(
      '/incidents/$incidentId',
      lazyRouteComponent(() => import('./alerts/incident-page.tsx'), 'IncidentPage'),
    ),
    page(
      '/noise',
      lazyRouteComponent(() => import('./alerts/noise-page.tsx'), 'NoisePage'),
    ),
  ];
}
