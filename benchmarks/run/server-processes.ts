import { readdir, readFile, readlink } from 'node:fs/promises';

import type { EngineAddress } from '../../services/engine-checks.ts';
import type { RoleProcess } from './processes.ts';

/** In /proc/net/tcp (proc_pid_net(5)): the state of a socket that waits for connections. */
const listening = '0A';
const prefix = 'server: ';

/** The engines' servers that run on this machine, found by the ports where they listen; others are left out. */
export async function serverProcesses(addresses: readonly EngineAddress[]): Promise<RoleProcess[]> {
  const owners = await ownersOfPorts();
  const servers = new Map<number, string>();
  for (const { server, nodes } of addresses) {
    for (const node of nodes) {
      const pid = owners.get(Number(node.slice(node.lastIndexOf(':') + 1)));
      if (pid !== undefined) servers.set(pid, server);
    }
  }
  return [...servers].map(([pid, server]) => ({ role: prefix + server, pid }));
}

/** Whether such a process has this name among those that were measured. */
export function isServer(role: string): boolean {
  return role.startsWith(prefix);
}

/** Process by port. */
async function ownersOfPorts(): Promise<ReadonlyMap<number, number>> {
  const portOf = new Map<string, number>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const lines = (await readFile(table, 'utf8').catch(() => '')).split('\n').slice(1);
    for (const line of lines) {
      const fields = line.trim().split(/\s+/);
      const [, local = '', , state] = fields;
      if (state === listening) portOf.set(`socket:[${fields[9]}]`, parseInt(local.slice(-4), 16));
    }
  }
  const owners = new Map<number, number>();
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  await Promise.all(
    pids.map(async (pid) => {
      // A process may have ended, or be another user's.
      for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
        const port = portOf.get(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''));
        if (port !== undefined) owners.set(port, Number(pid));
      }
    }),
  );
  return owners;
}
