/** Resolves when timers and sockets of the process have had their turn. */
export function turnOfEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
