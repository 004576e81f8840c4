import type { ListedEvent } from '../api/answers.ts';

export interface TailListener {
  /** Oldest first; several at once where they come fast. */
  readonly onEvents: (events: readonly ListedEvent[]) => void;
  /** So many were left out by the server, as this reader was too slow. */
  readonly onDropped: (count: number) => void;
  readonly onOpen: () => void;
  readonly onLost: () => void;
}

const flushMs = 250;
const reopenMs = 2_000;

/** Follows the live stream of events until the returned function is called; reconnects by itself. */
export function openTail(url: string, listener: TailListener): () => void {
  let closed = false;
  let source: EventSource | null = null;
  let arrived: ListedEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flusher = setInterval(() => {
    if (arrived.length === 0) return;
    const events = arrived;
    arrived = [];
    listener.onEvents(events);
  }, flushMs);
  function connect(): void {
    if (closed) return;
    source = new EventSource(url);
    source.addEventListener('open', listener.onOpen);
    source.addEventListener('message', ({ data }) => arrived.push(JSON.parse(String(data)) as ListedEvent));
    source.addEventListener('dropped', ({ data }) => listener.onDropped(droppedCount(String(data))));
    source.addEventListener('error', () => {
      listener.onLost();
      // The browser gives up where the answer was an error; a restarting server deserves another try.
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(connect, reopenMs);
    });
  }
  connect();
  return () => {
    closed = true;
    clearTimeout(timer);
    clearInterval(flusher);
    source?.close();
  };
}

/** The count in the data of a `dropped` message. */
function droppedCount(data: string): number {
  const { dropped } = JSON.parse(data) as { dropped?: unknown };
  return typeof dropped === 'number' ? dropped : 0;
}
