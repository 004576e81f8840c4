import { backfillLink, type LinkBackfillDeps } from '../pipelines/link-backfill.ts';
import type { ToolDirectory } from '../stores/tool-directory.ts';
import { startRounds } from './rounds.ts';

export interface LinkBackfillsDeps extends LinkBackfillDeps {
  readonly directory: Pick<ToolDirectory, 'pendingLinks' | 'settleLink'>;
  readonly onFault: (message: string) => void;
}

const lookEveryMs = 2_000;
const linksATime = 100;

/**
 * Gives the stored events of agents that are linked their device, a link after the other. What a link still wants is
 * kept with the links, so that a process that ends in between, or another one, does it again: that changes nothing.
 */
export function startLinkBackfills(deps: LinkBackfillsDeps): AsyncDisposable {
  const onFault = (reason: string): void =>
    deps.onFault(`Earlier events of a linked device wait, and are tried again: ${reason}`);
  return startRounds({ clock: deps.clock, everyMs: lookEveryMs, onFault }, (stopping) =>
    settleAll(deps, stopping),
  );
}

async function settleAll(deps: LinkBackfillsDeps, signal: AbortSignal): Promise<void> {
  for (const link of await deps.directory.pendingLinks(linksATime)) {
    await backfillLink(deps, link, signal);
    await deps.directory.settleLink(link);
  }
}
