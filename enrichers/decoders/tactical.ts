import type { RowChange } from './debezium.ts';
import type { ToolEvent, ToolEventData } from './decoded.ts';
import { segment, textOf } from './values.ts';

/** What the tables of Tactical RMM have in common: an agent, perhaps a client, and a time of their own. */
export function tacticalEvent(
  change: RowChange,
  table: string,
  given: Pick<ToolEvent, 'id' | 'sourceType' | 'timeMs'> & {
    readonly agentId: string;
    readonly agentName?: string;
    readonly data: Omit<ToolEventData, 'device'>;
  },
): ToolEvent {
  const { agentId, agentName, data, ...named } = given;
  const device = agentId === '' && (agentName ?? '') === '' ? {} : { device: deviceOf(agentId, agentName) };
  return {
    tool: 'TACTICAL_RMM',
    server: change.server,
    path: agentId === '' ? table : `agents/${segment(agentId)}/${table}`,
    ...named,
    scope: textOf(change.row['client_id']) || textOf(change.row['client']) || null,
    data: { ...device, ...data },
  };
}

function deviceOf(agentId: string, agentName: string | undefined): { agentId?: string; name?: string } {
  return {
    ...(agentId === '' ? {} : { agentId }),
    ...(agentName === undefined || agentName === '' ? {} : { name: agentName }),
  };
}

/** Return code, output and time of something that ran, as Tactical keeps them. */
export function ranWell(retcode: number | null, stderr: unknown): 'success' | 'failure' | undefined {
  if (retcode !== null) return retcode === 0 ? 'success' : 'failure';
  return textOf(stderr).trim() === '' ? undefined : 'failure';
}
