import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';

import type { Ready } from '../support/platform-process.ts';

export type PageOptions = NonNullable<Parameters<Browser['newContext']>[0]>;

/** The looks in which each page is held against axe. */
export const looks = [
  ['light', 1440],
  ['dark', 1440],
  ['light', 390],
  ['dark', 390],
] as const;

/** What a browser of that look is like. */
export function lookOptions(colorScheme: 'light' | 'dark', width: number): PageOptions {
  return { viewport: { width, height: width < 500 ? 844 : 900 }, colorScheme };
}

/** Opens a page of the dashboard in a context of its own, signed in. */
export async function openPage(
  browser: Browser,
  { url, token }: Pick<Ready, 'url' | 'token'>,
  path: string,
  options: PageOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  await page.goto(`${url}${path}#token=${token}`);
  return page;
}

/** No serious finding of axe, and no sideways scroll. */
export async function expectSound(page: Page, width: number): Promise<void> {
  await page.evaluate(axe.source);
  const serious = await page.evaluate<readonly unknown[]>(
    "axe.run().then(({ violations }) => violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)))",
  );
  expect(serious).toEqual([]);
  expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(width);
}
