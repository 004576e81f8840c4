/**
 * Small documents by collection and key (MongoDB; a SQLite file). The scope is the tenant's id; documents of
 * one scope cannot be reached from another. `platformScope` holds what belongs to no tenant.
 */
export interface DocumentStore extends AsyncDisposable {
  get<T extends object>(scope: DocumentScope, collection: string, id: string): Promise<T | null>;
  /** Inserts or replaces; resolves when durable. */
  put(scope: DocumentScope, collection: string, id: string, document: object): Promise<void>;
  /** Many at once, all or nothing. */
  putAll(collection: string, documents: readonly ScopedDocument[]): Promise<void>;
  /** Inserts only where the id is free; false where it is taken. */
  insert(scope: DocumentScope, collection: string, id: string, document: object): Promise<boolean>;
  delete(scope: DocumentScope, collection: string, id: string): Promise<boolean>;
  /** In ascending order of id, after `afterId`; where every field of `match` is equal. */
  list<T extends object>(
    scope: DocumentScope,
    collection: string,
    options: {
      readonly limit: number;
      readonly afterId?: string;
      readonly match?: Readonly<Record<string, string>>;
    },
  ): Promise<readonly { readonly id: string; readonly document: T }[]>;
  count(scope: DocumentScope, collection: string): Promise<number>;
  /** Every document of a collection, of all scopes, in pages: for what the platform itself must know. */
  scan<T extends object>(
    collection: string,
  ): AsyncIterable<readonly { readonly scope: DocumentScope; readonly id: string; readonly document: T }[]>;
}

export interface DocumentScope {
  readonly tenantId: string;
}

export interface ScopedDocument {
  readonly scope: DocumentScope;
  readonly id: string;
  readonly document: object;
}

/** No tenant can have this name (see `tenantIdSchema`). */
export const platformScope: DocumentScope = { tenantId: '$platform' };
