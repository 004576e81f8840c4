import { startToolServer, type ToolServer } from '../tool-server.fixture.ts';

export interface FleetServer extends ToolServer {
  /** Adds an activity; numbers rise by one. */
  add(type: string, details?: object): number;
  /** Adds one under a number that was given out earlier: its transaction took longer. */
  addLate(id: number, type: string): void;
  readonly token: string;
}

/** Fleet's `GET /api/v1/fleet/me` and `/activities` as its documentation has them. */
export async function startFleetServer(startMs: number): Promise<FleetServer> {
  const token = 'fleet-token';
  const activities: { readonly id: number }[] = [];
  let lastId = 0;
  const row = (id: number, type: string, details: object) => ({
    created_at: new Date(startMs + id * 1_000).toISOString(),
    id,
    actor_full_name: 'Ada Lovelace',
    actor_id: 1,
    actor_gravatar: '',
    actor_email: 'ada@example.com',
    type,
    details,
  });
  const server = await startToolServer(({ url, headers }) => {
    if (headers.authorization !== `Bearer ${token}`) return 401;
    if (url.pathname === '/api/v1/fleet/me')
      return { user: { email: 'ada@example.com', global_role: 'observer' } };
    if (url.pathname !== '/api/v1/fleet/activities') return 404;
    const page = Number(url.searchParams.get('page'));
    const size = Number(url.searchParams.get('per_page'));
    const newestFirst = [...activities].sort((a, b) => b.id - a.id);
    return {
      activities: newestFirst.slice(page * size, (page + 1) * size),
      meta: { has_next_results: (page + 1) * size < activities.length, has_previous_results: page > 0 },
    };
  });
  return {
    ...server,
    token,
    add(type, details = {}) {
      lastId++;
      activities.push(row(lastId, type, details));
      return lastId;
    },
    addLate: (id, type) => void activities.push(row(id, type, {})),
  };
}
