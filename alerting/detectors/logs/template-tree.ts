import { wildcard } from './tokens.ts';

/** A message template: its words, `<*>` where they vary. */
export interface LogTemplate {
  words: string[];
  /** Lines of it so far. */
  count: number;
  /** Lines of the current and of the last hour, and how many an hour were usual. */
  hourStartMs: number;
  inHour: number;
  usualPerHour: number;
  hours: number;
  /** The number of the line that was last of it: what was seen longest ago makes room. */
  lastLine: number;
}

export interface TemplateTreeOptions {
  /** Templates kept. The one seen longest ago makes room for a new one. */
  readonly capacity: number;
  /** Share of words that must agree for a line to be of a template. */
  readonly similarity: number;
}

/**
 * Templates by the number of their words and their first word: Drain (He, Zhu, Zheng and Lyu, "Drain: An Online Log
 * Parsing Approach with Fixed Depth Tree", ICWS 2017) with a tree of depth 2. A first word with a digit counts as `<*>`.
 */
export class TemplateTree {
  readonly #options: TemplateTreeOptions;
  readonly #leaves = new Map<string, LogTemplate[]>();
  #size = 0;

  constructor(options: TemplateTreeOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  /** The template of these words, generalised to fit them; null where none is similar enough. */
  match(words: readonly string[]): LogTemplate | null {
    let best: LogTemplate | null = null;
    let bestShare = 0;
    for (const template of this.#leaves.get(leafOf(words)) ?? []) {
      const share = agreement(template.words, words);
      if (share > bestShare) [best, bestShare] = [template, share];
    }
    if (best === null || bestShare < this.#options.similarity) return null;
    best.words = best.words.map((word, i) => (word === words[i] ? word : wildcard));
    return best;
  }

  add(template: LogTemplate): void {
    if (this.#size === this.#options.capacity) this.#forgetOldest();
    const leaf = leafOf(template.words);
    const templates = this.#leaves.get(leaf);
    if (templates === undefined) this.#leaves.set(leaf, [template]);
    else templates.push(template);
    this.#size++;
  }

  all(): readonly LogTemplate[] {
    return [...this.#leaves.values()].flat();
  }

  #forgetOldest(): void {
    const oldest = this.all().reduce((a, b) => (b.lastLine < a.lastLine ? b : a));
    for (const [leaf, templates] of this.#leaves) {
      const rest = templates.filter((template) => template !== oldest);
      if (rest.length === 0) this.#leaves.delete(leaf);
      else this.#leaves.set(leaf, rest);
    }
    this.#size--;
  }
}

function leafOf(words: readonly string[]): string {
  const first = words[0] ?? '';
  return `${words.length} ${/\d/.test(first) ? wildcard : first}`;
}

/** Share of places where both have the same word; a `<*>` of the template agrees with anything by half. */
function agreement(template: readonly string[], words: readonly string[]): number {
  let sum = 0;
  template.forEach((word, i) => {
    if (word === words[i]) sum += 1;
    else if (word === wildcard) sum += 0.5;
  });
  return words.length === 0 ? 1 : sum / words.length;
}
