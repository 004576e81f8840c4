/** One fact of an inventory that is not what it was; absent where there was, or is, none. */
export interface InventoryChange {
  /** Where it stands: `os.version`, `networkInterfaces[eth0].ip4`, `users[ada]`. */
  readonly path: string;
  readonly from?: string;
  readonly to?: string;
}

const mostChanges = 50;
const longestText = 200;

/**
 * What differs between two inventories, fact by fact, by path. Members of a list are told apart by their `name`, or by
 * what they are, so that another order is no change. At most 50 changes, each text at most 200 characters.
 */
export function inventoryChanges(before: unknown, after: unknown): readonly InventoryChange[] {
  const [old, now] = [factsOf(before), factsOf(after)];
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort();
  return paths
    .filter((path) => old.get(path) !== now.get(path))
    .slice(0, mostChanges)
    .map((path) => {
      const [from, to] = [old.get(path), now.get(path)];
      return { path, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    });
}

/** The first few changes as a sentence. */
export function changesText(changes: readonly InventoryChange[]): string {
  const told = changes.slice(0, 3).map(({ path, from, to }) => {
    if (from === undefined) return `${path} is new`;
    return to === undefined ? `${path} is gone` : `${path} ${from} to ${to}`;
  });
  return changes.length > told.length
    ? `${told.join(', ')} and ${changes.length - told.length} more`
    : told.join(', ');
}

function factsOf(value: unknown): Map<string, string> {
  const facts = new Map<string, string>();
  collect(value, '', facts);
  return facts;
}

function collect(value: unknown, path: string, facts: Map<string, string>): void {
  if (value === null || value === undefined) return;
  if (typeof value !== 'object') {
    facts.set(path, textOf(value));
    return;
  }
  if (!Array.isArray(value)) {
    for (const [name, member] of Object.entries(value)) {
      collect(member, path === '' ? name : `${path}.${name}`, facts);
    }
    return;
  }
  for (const [i, member] of value.entries()) {
    const name: unknown =
      typeof member === 'object' && member !== null ? (member as { name?: unknown }).name : member;
    const label = typeof name === 'string' || typeof name === 'number' ? String(name) : String(i);
    collect(member, `${path}[${label.slice(0, longestText)}]`, facts);
  }
}

function textOf(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, longestText).toWellFormed();
}
