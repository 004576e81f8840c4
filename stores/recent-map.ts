/**
 * A bounded map that keeps what was used last, to within a half: two generations, of which the older goes
 * whole. Unlike deleting and setting again at each use it costs a lookup.
 */
export class RecentMap<V> {
  readonly #maxGeneration: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  constructor(maxEntries: number) {
    this.#maxGeneration = Math.max(1, Math.floor(maxEntries / 2));
  }

  get(name: string): V | undefined {
    const young = this.#young.get(name);
    if (young !== undefined) return young;
    const old = this.#old.get(name);
    if (old !== undefined) this.set(name, old);
    return old;
  }

  set(name: string, value: V): void {
    if (this.#young.size >= this.#maxGeneration) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, value);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
