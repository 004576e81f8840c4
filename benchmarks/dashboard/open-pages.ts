import type { Browser, Page } from 'playwright-core';

/** What a page's script keeps of the texts that it is to look for. */
export interface Seen {
  /** By text: milliseconds since the epoch at the first frame that showed it. */
  readonly [text: string]: number;
}

/** Looks at whatever is put into the document for `probe-<n>`, and notes when the frame with it is drawn. */
const watchProbes = `
  globalThis.seenProbes = {};
  const note = (text) => {
    for (const [probe] of text.matchAll(/probe-\\d+/g)) {
      if (globalThis.seenProbes[probe] === undefined) {
        globalThis.seenProbes[probe] = 0;
        requestAnimationFrame(() => { globalThis.seenProbes[probe] = Date.now(); });
      }
    }
  };
  new MutationObserver((changes) => {
    for (const { target, addedNodes, type } of changes) {
      if (type === 'characterData') note(target.textContent ?? '');
      for (const node of addedNodes) note(node.textContent ?? '');
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });
`;

/** Opens a page of the dashboard, signed in, in a window of its own. */
export async function openPage(browser: Browser, address: string, token: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(watchProbes);
  await page.goto(`${address}#token=${token}`);
  return page;
}

export function seenOn(page: Page): Promise<Seen> {
  return page.evaluate<Seen>('globalThis.seenProbes');
}
