import { messageOf } from '../contracts/errors.ts';
import { backfillLink, type LinkBackfillDeps } from '../pipelines/link-backfill.ts';
import type { ToolDirectory } from '../stores/tool-directory.ts';

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
  const stopping = new AbortController();
  const running = run(deps, stopping.signal);
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
    },
  };
}

async function run(deps: LinkBackfillsDeps, signal: AbortSignal): Promise<void> {
  let told: string | undefined;
  while (!signal.aborted) {
    try {
      await settleAll(deps, signal);
      told = undefined;
    } catch (error) {
      const message = messageOf(error);
      if (!signal.aborted && message !== told) {
        deps.onFault(`Earlier events of a linked device wait, and are tried again: ${message}`);
      }
      told = message;
    }
    await deps.clock.sleep(lookEveryMs, signal);
  }
}

async function settleAll(deps: LinkBackfillsDeps, signal: AbortSignal): Promise<void> {
  for (const link of await deps.directory.pendingLinks(linksATime)) {
    await backfillLink(deps, link, signal);
    await deps.directory.settleLink(link);
  }
}
