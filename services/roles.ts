import { type RoleName, type SinkName, sinkNames } from './role-names.ts';
import type { StartRole } from './role-process.ts';

/** How a role starts. A process loads what its own role needs: half of a start is the loading of code. */
export function roleStart(role: RoleName, only: readonly SinkName[] = sinkNames): StartRole {
  switch (role) {
    case 'gateway':
      return async (context) => (await import('./roles/gateway.ts')).startGateway(context);
    case 'connectors':
      return async (context) => (await import('./roles/connectors.ts')).startConnectorsRole(context);
    case 'relay':
      return async (context) => (await import('./roles/relay.ts')).startRelayRole(context);
    case 'telemetry':
      return async (context) => (await import('./roles/telemetry.ts')).startTelemetryRole(context);
    case 'sink':
      return async (context) => (await import('./roles/sink.ts')).startSinkRole(context, only);
    case 'query':
      return async (context) => (await import('./roles/query.ts')).startQuery(context);
    case 'alerts':
      return async (context) => (await import('./roles/alerts.ts')).startAlertsRole(context);
  }
}
