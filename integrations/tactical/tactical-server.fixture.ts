import { startToolServer, type ToolServer } from '../tool-server.fixture.ts';

interface AlertRow {
  readonly id: number;
  readonly alert_time: string;
  resolved: boolean;
  resolved_on: string | null;
  readonly [member: string]: unknown;
}

export interface TacticalServer extends ToolServer {
  readonly key: string;
  audit(action: string, objectType: string): number;
  raise(message: string, ageDays?: number): number;
  resolve(id: number): void;
  removeAlert(id: number): void;
}

/** Tactical's `PATCH /logs/audit/`, `PATCH /alerts/` and `GET /alerts/<id>/`, as its own web page asks them. */
export async function startTacticalServer(nowMs: () => number): Promise<TacticalServer> {
  const key = 'TACTICALKEY';
  const audit: { readonly id: number }[] = [];
  let alerts: AlertRow[] = [];
  let lastAlert = 0;
  const auditPage = (body: unknown) => {
    const { pagination } = body as { pagination: { rowsPerPage: number; page: number } };
    const { rowsPerPage, page } = pagination;
    const last = Math.max(1, Math.ceil(audit.length / rowsPerPage));
    const from = (Math.min(page, last) - 1) * rowsPerPage;
    const newestFirst = [...audit].sort((a, b) => b.id - a.id);
    return { audit_logs: newestFirst.slice(from, from + rowsPerPage), total: audit.length };
  };
  const alertList = (body: unknown): readonly AlertRow[] => {
    const { timeFilter, resolvedFilter } = body as { timeFilter?: number; resolvedFilter?: boolean };
    const fromMs = timeFilter === undefined ? 0 : nowMs() - timeFilter * 86_400_000;
    return alerts.filter(
      (alert) => Date.parse(alert.alert_time) > fromMs && (resolvedFilter !== false || !alert.resolved),
    );
  };
  const server = await startToolServer(({ method, url, headers, body }) => {
    if (headers['x-api-key'] !== key) return 401;
    if (url.pathname === '/logs/audit/' && method === 'PATCH') return auditPage(body);
    if (url.pathname === '/alerts/' && method === 'PATCH') {
      return 'top' in (body as object) ? { alerts_count: 0, alerts: [] } : alertList(body);
    }
    const id = /^\/alerts\/(\d+)\/$/.exec(url.pathname)?.[1];
    return alerts.find((alert) => String(alert.id) === id) ?? 404;
  });
  return {
    ...server,
    key,
    audit(action, objectType) {
      const id = audit.length + 1;
      audit.push({
        id,
        ...{
          username: 'ada',
          agent: 'PC1',
          agent_id: 'agent-1',
          entry_time: new Date(nowMs()).toISOString(),
        },
        ...{
          action,
          object_type: objectType,
          before_value: null,
          after_value: null,
          message: `ada ${action}`,
        },
        ...{ debug_info: { ip: '10.0.0.9' }, site: { id: 1, name: 'Main', client_name: 'Bakery' } },
      });
      return id;
    },
    raise(message, ageDays = 0) {
      lastAlert++;
      const alert_time = new Date(nowMs() - ageDays * 86_400_000).toISOString();
      alerts.push({
        id: lastAlert,
        ...{ alert_time, resolved: false, resolved_on: null, message, severity: 'error' },
        ...{ alert_type: 'check', agent_id: 'agent-1', hostname: 'PC1', client: 'Bakery', site: 'Main' },
      });
      return lastAlert;
    },
    resolve(id) {
      const alert = alerts.find((one) => one.id === id);
      if (alert === undefined) throw new Error(`no alert ${id}`);
      alert.resolved = true;
      alert.resolved_on = new Date(nowMs()).toISOString();
    },
    removeAlert: (id) => void (alerts = alerts.filter((one) => one.id !== id)),
  };
}
