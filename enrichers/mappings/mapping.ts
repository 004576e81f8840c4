/** What a tool's word for something means in the unified taxonomy. */
export interface Mapping {
  /** The unified type. */
  readonly type: string;
  /** The unified type where the thing failed or ran out of time, if that is another. */
  readonly failed?: string;
  /** Picks the type by a member of the tool's row, where one word stands for several things. */
  readonly when?: { readonly member: string; readonly is: Readonly<Record<string, string>> };
  /** A sentence instead of the type's, for this word alone. */
  readonly sentence?: string;
  /** The sentence where it is not done yet. */
  readonly pending?: string;
}

export type Mappings = Readonly<Record<string, Mapping>>;

/** Mappings of many words at once: `type: 'word word word'`. */
export function words(types: Readonly<Record<string, string>>): Record<string, Mapping> {
  return Object.fromEntries(
    Object.entries(types).flatMap(([type, list]) =>
      list
        .split(/\s+/)
        .filter((word) => word !== '')
        .map((word) => [word, { type }]),
    ),
  );
}
