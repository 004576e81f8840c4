import { describe, expect, it } from 'vitest';

import { deviationsCheck, notHere } from './law-titles.ts';

/** Law to the reason why an engine does not hold it. The law is then skipped, and its reason is in the title. */
export type Deviations = Readonly<Record<string, string>>;

/** What a port promises: each law's title in the present tense, and the check of it on a fresh subject. */
export type Laws<Subject> = Readonly<Record<string, (subject: Subject) => Promise<void>>>;

/**
 * Runs each law of a port against a fresh subject of one engine. A deviation that names no law fails, so that
 * a renamed law is not skipped for ever.
 */
export function describeLaws<Subject>(
  title: `${string} on ${string}`,
  laws: Laws<Subject>,
  options: {
    readonly create: () => Promise<Subject & AsyncDisposable>;
    readonly deviations?: Deviations | undefined;
  },
): void {
  const deviations = options.deviations ?? {};
  describe(title, () => {
    it(deviationsCheck, () => {
      expect(Object.keys(laws)).toEqual(expect.arrayContaining(Object.keys(deviations)));
    });
    for (const [law, check] of Object.entries(laws)) {
      const reason = Object.hasOwn(deviations, law) ? deviations[law] : undefined;
      if (reason !== undefined) {
        it.skip(`${law}${notHere}${reason})`);
        continue;
      }
      it(law, async () => {
        await using subject = await options.create();
        await check(subject);
      });
    }
  });
}
