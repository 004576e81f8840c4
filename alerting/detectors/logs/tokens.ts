const mostCharacters = 2_000;
const mostTokens = 32;
const mostWordCharacters = 24;

export const wildcard = '<*>';

/** Parts of a line that vary by nature, from the most special: they never tell templates apart. */
const variables: readonly RegExp[] = [
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(:\d{1,5})?$/,
  /^[0-9a-f:]*:[0-9a-f]{0,4}:[0-9a-f:]*$/i,
  /^0x[0-9a-f]+$/i,
  /^[0-9a-f]{16,}$/i,
  /^[-+]?\d[\d.,:/TZ+-]*[a-z%]{0,3}$/i,
];

/**
 * A line as words: split at white space, `=`, brackets, quotes and commas; numbers, addresses and ids replaced by
 * `<*>`. At most the first 2,000 characters and 32 words count, and 24 characters of a word. Each pattern is linear in the word.
 */
export function tokens(message: string): readonly string[] {
  const words = message.slice(0, mostCharacters).split(/[\s=,;"'()[\]{}<>]+/, mostTokens + 1);
  const kept: string[] = [];
  for (const word of words) {
    if (word === '' || kept.length === mostTokens) continue;
    const bare = word.replace(/[.:]$/, '');
    kept.push(
      variables.some((variable) => variable.test(bare))
        ? wildcard
        : word.slice(0, mostWordCharacters).replace(/\p{C}/gu, '?'),
    );
  }
  return kept;
}
