const asked = 'subscription { alertChanged { alertId } }';
const gatherMs = 200;

/** Calls back when an alert came or changed, until the returned function is called; reconnects by itself. */
export function followAlerts(onChange: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const source = new EventSource(`/graphql?query=${encodeURIComponent(asked)}`);
  const gather = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      onChange();
    }, gatherMs);
  };
  source.addEventListener('next', gather);
  // What changed while it was away.
  source.addEventListener('open', gather);
  return () => {
    source.close();
    clearTimeout(timer);
  };
}
