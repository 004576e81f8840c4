import { z } from 'zod';

import type { Clock } from '../../streams/clock.ts';
import { readAnswer, readCursor } from '../read-answer.ts';
import type { ReaderOptions, ToolPage, ToolReader, ToolReading } from '../tool-reader.ts';
import { ControlSocket, type MeshUser } from './control-socket.ts';
import {
  advance,
  type MeshCursor,
  meshCursorSchema,
  meshEventSchema,
  nameEvents,
  type NamedEvent,
  unreadEvents,
  windowStartMs,
} from './event-window.ts';
import { LiveEvents } from './live-events.ts';

/** How many of the newest events are asked for, until they reach back to the cursor. */
const askedEvents = [200, 1_000, 5_000, 25_000, 100_000] as const;
const eventsPerPage = 1_000;
const answerSchema = z.object({ events: z.array(meshEventSchema).max(askedEvents[4]) });

const fullAdministrator = 0xffffffff;
const seesAllEvents = 2048;

/**
 * MeshCentral's events by its control socket. What is handed on is what it answers when asked for its newest events;
 * what it sends by itself says when to ask, since the two are not written alike. It answers with none of the events
 * that have no domain: that the server started or stopped.
 */
export function createMeshCentralReader(options: ReaderOptions, clock: Clock): ToolReader {
  const live = new LiveEvents(clock);
  let open: { readonly socket: ControlSocket; readonly user: MeshUser } | undefined;
  const close = (): void => {
    open?.socket[Symbol.dispose]();
    open = undefined;
  };
  const signedIn = async (): Promise<NonNullable<typeof open>> => {
    if (open !== undefined) return open;
    const socket = new ControlSocket(options, clock, (message) => live.take(message));
    try {
      const next = { socket, user: await socket.user() };
      open = next;
      socket.ended.catch(() => {
        if (open === next) open = undefined;
        live.wake();
      });
      return next;
    } catch (error) {
      socket[Symbol.dispose]();
      throw error;
    }
  };
  return {
    async check() {
      try {
        const { socket, user } = await signedIn();
        await newestEvents(socket, Number.POSITIVE_INFINITY);
        return { account: user.name, remarks: remarksOn(user) };
      } finally {
        close();
      }
    },
    async *read(stored, signal) {
      const cursor = readCursor(meshCursorSchema, stored);
      signal.addEventListener('abort', close, { once: true });
      try {
        const { socket, user } = await signedIn();
        live.rearm();
        yield* readWindow(socket, user, cursor, options.sinceMs);
      } finally {
        signal.removeEventListener('abort', close);
      }
    },
    changed: (maxWaitMs, signal) => live.changed(maxWaitMs, signal),
    [Symbol.asyncDispose]: async () => close(),
  };
}

async function* readWindow(
  socket: ControlSocket,
  user: MeshUser,
  stored: MeshCursor | null,
  sinceMs: number,
): AsyncIterable<ToolPage> {
  const fromMs = windowStartMs(stored, sinceMs);
  const { events, isWhole } = await newestEvents(socket, fromMs);
  const domain = user._id.split('/')[1] ?? '';
  let cursor = stored;
  const unread = unreadEvents(nameEvents(events, fromMs), stored);
  for (let from = 0; from < unread.length; from += eventsPerPage) {
    const some = unread.slice(from, from + eventsPerPage);
    cursor = advance(cursor, some);
    yield { readings: some.map((one) => readingOf(one, domain)), cursor };
  }
  if (!isWhole) {
    const remark = `MeshCentral has more events since ${new Date(fromMs).toISOString()} than the ${askedEvents[4]} that were asked for: older ones were not read.`;
    yield { readings: [], remark };
  }
}

/** The newest events, as many as reach back before `fromMs`; not whole where it has more than can be asked for. */
async function newestEvents(socket: ControlSocket, fromMs: number) {
  for (const limit of askedEvents) {
    const { events } = readAnswer('MeshCentral', answerSchema, await socket.ask({ action: 'events', limit }));
    const reachesBack = events.some(({ time }) => Date.parse(time) < fromMs);
    if (events.length < limit || reachesBack) return { events, isWhole: true };
    if (limit === askedEvents[4]) return { events, isWhole: false };
  }
  return { events: [], isWhole: false };
}

/** The socket shows the events of the user's own domain and leaves out which that is. */
function readingOf({ id, timeMs, event }: NamedEvent, domain: string): ToolReading {
  return { messageType: 'MESHCENTRAL_CONTROL', id, timeMs, value: { id, row: { domain, ...event } } };
}

function remarksOn({ siteadmin }: MeshUser): readonly string[] {
  if (siteadmin === fullAdministrator || (siteadmin & seesAllEvents) !== 0) return [];
  return [
    'The account is no full administrator and may not see all events: MeshCentral shows it those of its own groups.',
  ];
}
