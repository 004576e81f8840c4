import { type Decoded, type DecoderInput, nothing, one, refused, type ToolOutcome } from './decoded.ts';
import {
  filled,
  firstLine,
  isMembers,
  type Members,
  numberOf,
  parseJson,
  segment,
  textOf,
  timeOf,
  truthOf,
} from './values.ts';

/**
 * The result of a command or script of the native RMM: from the log (camelCase, in Debezium's envelope or alone) or
 * as an agent publishes it (snake_case). One that carries a script's id is a script's.
 */
export function decodeRmmResult(input: DecoderInput): Decoded {
  if (input.bytes === null) return nothing('tombstone');
  const value = parseJson(input.bytes);
  if (value === undefined) return refused('NOT_JSON');
  const result = resultOf(value);
  if (result === null) return refused('NOT_A_RESULT', 'a result needs executionId and machineId');
  const { executionId, machineId } = result;
  const code = numberOf(result.of('exitCode', 'exit_code'));
  const scriptId = textOf(result.of('scriptId', 'script_id'));
  const phase = scriptId === '' ? 'cmd_run.finished' : 'script_run.finished';
  const error = firstLine(result.of('error', 'error'));
  const namedMs = timeOf(result.of('eventTimestamp', 'event_timestamp'));
  const name =
    textOf(result.of('scriptName', 'script_name')) || (scriptId === '' ? '' : `script ${scriptId}`);
  const outcome = outcomeOf(code, truthOf(result.of('timedOut', 'timed_out')) === true, error);
  return one({
    tool: 'OPENFRAME_RMM',
    server: input.connection,
    path: `machines/${segment(machineId)}/results`,
    id: `${executionId}:${machineId}`,
    sourceType: phase,
    timeMs: Number.isNaN(namedMs) ? input.receivedMs : namedMs,
    scope: textOf(result.of('tenantId', 'tenant_id')) || null,
    data: {
      device: { agentId: machineId },
      ...filled({
        target: name || firstLine(result.of('command', 'code'), 120),
        outcome,
        message:
          error ??
          firstLine(result.of('stderr', 'stderr')) ??
          exitText(code) ??
          firstLine(result.of('stdout', 'stdout')),
      }),
      row: result.row,
    },
  });
}

interface Result {
  readonly row: Members;
  readonly executionId: string;
  readonly machineId: string;
  of(camel: string, snake: string): unknown;
}

function resultOf(value: unknown): Result | null {
  if (!isMembers(value)) return null;
  const payload = isMembers(value['payload']) ? value['payload'] : value;
  const row = isMembers(payload['after']) ? payload['after'] : payload;
  const of = (camel: string, snake: string): unknown => row[camel] ?? row[snake];
  const executionId = textOf(of('executionId', 'execution_id'));
  const machineId = textOf(of('machineId', 'machine_id'));
  return executionId === '' || machineId === '' ? null : { row, executionId, machineId, of };
}

function outcomeOf(code: number | null, timedOut: boolean, error: string | undefined): ToolOutcome {
  if (timedOut) return 'timeout';
  return (code ?? 0) !== 0 || error !== undefined ? 'failure' : 'success';
}

function exitText(code: number | null): string | undefined {
  return code === null || code === 0 ? undefined : `exit code ${code}`;
}
