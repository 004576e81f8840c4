/** Changes of a Tactical server's tables, with the events that must come of them. */
export interface TacticalLoad {
  /** Statements of new work, a transaction a round. */
  changes(rounds: number): string;
  /** Statements that end what is under way, and delete and repeat what makes no event. */
  endings(): string;
  /** Path and id of every event that must be stored by now. */
  readonly expected: ReadonlySet<string>;
}

const startMs = Date.parse('2026-11-25T08:00:00Z');
const checks = 4;

/** Deterministic: round `n` writes the rows of number `n`, a second after the one before. */
export function createTacticalLoad(): TacticalLoad {
  const expected = new Set<string>();
  const running: number[] = [];
  let round = 0;
  const expectEvent = (path: string, id: string): void => void expected.add(`${path} ${id}`);
  const change = (): string => {
    const n = (round += 1);
    const timeMs = startMs + n * 1000;
    const time = `'${new Date(timeMs).toISOString()}'`;
    const [check, status] = [1 + (n % checks), n % (2 * checks) < checks ? 'failing' : 'passing'];
    running.push(n);
    expectEvent('agents/a-7/audit', String(n));
    expectEvent('agents/7/history', `${n}:started`);
    expectEvent('agents/7/alerts', `${n}:triggered`);
    expectEvent('agents/7/check-results', `${check}:${timeMs}:${status}`);
    expectEvent('agents/7/task-results', `${n}:${timeMs}:passing`);
    return `BEGIN;
      INSERT INTO logs_auditlog (id, username, agent, agent_id, entry_time, action, object_type, message, debug_info)
        VALUES (${n}, 'bob', 'PC1', 'a-7', ${time}, 'execute_command', 'agent', 'bob issued a command', '{"ip": "192.0.2.1"}');
      INSERT INTO agents_agenthistory (id, agent_id, time, type, command, username)
        VALUES (${n}, 7, ${time}, 'cmd_run', 'whoami', 'bob');
      INSERT INTO alerts_alert (id, agent_id, alert_type, message, alert_time, severity)
        VALUES (${n}, 7, 'check', 'PC1 has a disk check that failed', ${time}, 'error');
      INSERT INTO checks_checkresult (id, agent_id, assigned_check_id, status, last_run)
        VALUES (${check}, 7, ${check}, '${status}', ${time})
        ON CONFLICT (id) DO UPDATE SET status = excluded.status, last_run = excluded.last_run;
      INSERT INTO autotasks_taskresult (id, agent_id, task_id, retcode, stdout, last_run, status, sync_status)
        VALUES (${n}, 7, 3, 0, 'done', ${time}, 'passing', 'synced');
    COMMIT;`;
  };
  const ending = (n: number): string => {
    expectEvent('agents/7/history', `${n}:finished`);
    expectEvent('agents/7/alerts', `${n}:resolved`);
    return `BEGIN;
      UPDATE agents_agenthistory SET script_results = '{"retcode": 0, "stdout": "bob", "stderr": ""}' WHERE id = ${n};
      UPDATE alerts_alert SET email_sent = now() WHERE id = ${n};
      UPDATE alerts_alert SET resolved = true, resolved_on = now() WHERE id = ${n};
      UPDATE autotasks_taskresult SET sync_status = 'pendingdeletion' WHERE id = ${n};
      UPDATE logs_auditlog SET message = 'edited' WHERE id = ${n};
      DELETE FROM logs_auditlog WHERE id = ${n};
    COMMIT;`;
  };
  return {
    changes: (rounds) => Array.from({ length: rounds }, change).join('\n'),
    endings: () =>
      [
        ...running.splice(0).map(ending),
        // Checks that say the same again, a minute later.
        "UPDATE checks_checkresult SET last_run = last_run + interval '1 minute';",
      ].join('\n'),
    expected,
  };
}
