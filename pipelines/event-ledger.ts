/** Places where an event may be found; a second find in one place is counted apart. */
export const places = ['accepted', 'dead-letters', 'event-log', 'analytics'] as const;
export type Place = (typeof places)[number];

const slotWords = 5;
const minSlots = 1024;

/**
 * Where each of many events was found: 20 bytes an event in one typed array, so that ten million fit in about
 * 400 MB. An event id is a UUIDv5 and includes the tenant; the tenant is kept to count by it.
 */
export class EventLedger {
  #table = new Int32Array(minSlots * slotWords);
  #used = 0;
  readonly #tenants: string[] = [];
  readonly #tenantNumbers = new Map<string, number>();

  add(tenantId: string, eventId: string, place: Place): void {
    const words = wordsOf(eventId);
    const at = this.#find(words);
    const bit = places.indexOf(place) * 2;
    const flags = this.#table[at + 4] as number;
    if (flags === 0) {
      this.#table.set(words, at);
      this.#table[at + 4] = (this.#tenantNumber(tenantId) << 8) | (1 << bit);
      if (++this.#used * 2 > this.#table.length / slotWords) this.#grow();
    } else this.#table[at + 4] = (flags & (1 << bit)) === 0 ? flags | (1 << bit) : flags | (2 << bit);
  }

  /** Calls back once an event: how often (0, 1, 2 = more than once) it was found in each place. */
  forEach(visit: (tenantId: string, found: Readonly<Record<Place, number>>) => void): void {
    for (let at = 0; at < this.#table.length; at += slotWords) {
      const flags = this.#table[at + 4] as number;
      if (flags === 0) continue;
      const times = (place: number): number => {
        const bits = (flags >> (place * 2)) & 3;
        return bits === 3 ? 2 : bits;
      };
      visit(this.#tenants[flags >>> 8] ?? '', {
        accepted: times(0),
        'dead-letters': times(1),
        'event-log': times(2),
        analytics: times(3),
      });
    }
  }

  #tenantNumber(tenantId: string): number {
    let number = this.#tenantNumbers.get(tenantId);
    if (number === undefined) {
      number = this.#tenants.push(tenantId) - 1;
      this.#tenantNumbers.set(tenantId, number);
    }
    return number;
  }

  #find(words: Words): number {
    const table = this.#table;
    const slots = table.length / slotWords;
    let slot = (words[0] ^ words[3]) & (slots - 1);
    for (;;) {
      const at = slot * slotWords;
      if (table[at + 4] === 0) return at;
      const equal =
        table[at] === words[0] &&
        table[at + 1] === words[1] &&
        table[at + 2] === words[2] &&
        table[at + 3] === words[3];
      if (equal) return at;
      slot = (slot + 1) & (slots - 1);
    }
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Int32Array(old.length * 2);
    for (let at = 0; at < old.length; at += slotWords) {
      if (old[at + 4] === 0) continue;
      const entry = old.subarray(at, at + slotWords);
      this.#table.set(entry, this.#find([entry[0], entry[1], entry[2], entry[3]] as Words));
    }
  }
}

type Words = readonly [number, number, number, number];

function wordsOf(eventId: string): Words {
  const hex = eventId.replaceAll('-', '');
  return [word(hex, 0), word(hex, 8), word(hex, 16), word(hex, 24)];
}

function word(hex: string, from: number): number {
  return parseInt(hex.slice(from, from + 8), 16) | 0;
}
