import { messageOf, OpenFrameError } from '../../contracts/errors.ts';

export interface SyncCheckOptions {
  /** The server that we are connected to, as it names itself. */
  readonly server: { readonly server_id: string; readonly cluster?: string };
  /** Where the server's monitoring answers (`http:` in its configuration); undefined: it cannot be asked. */
  readonly monitoringUrl: string | undefined;
  readonly timeoutMs: number;
  /** Told what cannot be known. */
  readonly onWarning: (text: string) => void;
}

interface ServerVariables {
  readonly server_id?: string;
  readonly cluster?: { readonly name?: string };
  readonly jetstream?: { readonly config?: { readonly sync_always?: boolean } };
}

const remedy =
  'Set sync_interval: always in the jetstream section of its configuration, or a power cut takes what was acknowledged.';

/**
 * Whether the server syncs before it acknowledges. Only its monitoring and its system account tell (`/varz`,
 * `$SYS.REQ.SERVER.*`); the API that our user has does not, and no stream can ask for it. Throws
 * `CONFIGURATION_INVALID` where it is known not to sync; warns where that cannot be known.
 */
export async function checkSync(options: SyncCheckOptions): Promise<void> {
  const { monitoringUrl, server, onWarning } = options;
  const unknown = (why: string): void =>
    onWarning(`Whether NATS syncs each message to disk is not known: ${why}. ${remedy}`);
  if (monitoringUrl === undefined) return unknown('its monitoring address is not given');
  let variables: ServerVariables;
  try {
    variables = await variablesOf(monitoringUrl, options.timeoutMs);
  } catch (error) {
    return unknown(`${messageOf(error)} at ${monitoringUrl}`);
  }
  const isOfCluster = server.cluster !== undefined && variables.cluster?.name === server.cluster;
  if (variables.server_id !== server.server_id && !isOfCluster) {
    return unknown(`at ${monitoringUrl} another server answers`);
  }
  if (variables.jetstream?.config?.sync_always === true) return;
  const what = `NATS at ${monitoringUrl} does not sync each message to disk. ${remedy}`;
  throw new OpenFrameError('CONFIGURATION_INVALID', what, { details: { monitoringUrl } });
}

async function variablesOf(monitoringUrl: string, timeoutMs: number): Promise<ServerVariables> {
  const response = await fetch(new URL('/varz', monitoringUrl), { signal: AbortSignal.timeout(timeoutMs) });
  return (await response.json()) as ServerVariables;
}
