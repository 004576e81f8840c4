import type { z } from 'zod';

import { OpenFrameError } from '../contracts/errors.ts';
import type { Principal, TenantScope } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import type { DocumentStore } from './documents.ts';

/** So old may be what pipelines are told. */
const refreshMs = 5_000;
const mostSettings = 200;

/** What is kept with every setting: its version goes up with each change and never comes twice. */
export interface Kept {
  readonly version: number;
  readonly changedAtMs: number | null;
  /** The token's id. */
  readonly changedBy: string | null;
}

/** All settings of one kind, by tenant and id. Never changed in place. */
export interface SettingsSnapshot<Setting> {
  of(tenantId: string): ReadonlyMap<string, Setting>;
}

/** Small settings of one kind that tenants make, such as rules: by id, with versions. */
export interface TenantSettings<Given, Setting extends Given & Kept> {
  of(scope: TenantScope): Promise<ReadonlyMap<string, Setting>>;
  /** Throws `NOT_FOUND`. */
  one(scope: TenantScope, id: string): Promise<Setting>;
  /** `least`: the version is higher than that. Throws `QUOTA_EXCEEDED` beyond 200 of a tenant. */
  set(principal: Principal, id: string, given: Given, least?: number): Promise<Setting>;
  /** Throws `NOT_FOUND`. */
  remove(principal: Principal, id: string): Promise<void>;
  /** For pipelines: read again every 5 s, the same object while nothing changed; a store that is away changes nothing. */
  current(): Promise<SettingsSnapshot<Setting>>;
}

/** A removed setting is kept without its content, so that its versions go on counting. */
interface SettingDocument {
  readonly setting: unknown;
  readonly version: number;
}

export interface TenantSettingsDeps<Setting> {
  readonly documents: DocumentStore;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly collection: string;
  /** What does not meet it was written by a newer version, and is left out. */
  readonly schema: z.ZodType<Setting>;
  /** What one is called in messages. */
  readonly noun: string;
}

export function createTenantSettings<Given extends object, Setting extends Given & Kept>(
  deps: TenantSettingsDeps<Setting>,
): TenantSettings<Given, Setting> {
  const { documents, clock, collection, schema, noun } = deps;
  const current = createCurrent(deps);
  const listed = async (scope: TenantScope) => {
    return documents.list<SettingDocument>(scope, collection, { limit: 10 * mostSettings });
  };
  return {
    of: async (scope) => readable(schema, await listed(scope)),
    async one(scope, id) {
      const setting = readable(schema, await listed(scope)).get(id);
      if (setting === undefined) throw unknown(noun, id);
      return setting;
    },
    async set(principal, id, given, least = 0) {
      const known = await listed(principal);
      const before = known.find((one) => one.id === id)?.document;
      const live = known.filter(({ document }) => document.setting !== null);
      if (live.length >= mostSettings && (before?.setting ?? null) === null) throw tooMany(noun);
      const version = 1 + Math.max(least, before?.version ?? 0);
      const changed = { version, changedAtMs: clock.nowMs(), changedBy: principal.tokenId };
      const setting = schema.parse({ ...given, ...changed });
      await documents.put(principal, collection, id, { setting, version });
      current.forget();
      return setting;
    },
    async remove(principal, id) {
      const before = await documents.get<SettingDocument>(principal, collection, id);
      if (before === null || before.setting === null) throw unknown(noun, id);
      await documents.put(principal, collection, id, { setting: null, version: before.version });
      current.forget();
    },
    current: () => current.read(),
  };
}

function createCurrent<Setting>({ documents, clock, collection, schema }: TenantSettingsDeps<Setting>) {
  let known: SettingsSnapshot<Setting> | undefined;
  let knownText = '';
  let readAtMs = Number.NEGATIVE_INFINITY;
  return {
    forget: () => void (readAtMs = Number.NEGATIVE_INFINITY),
    async read() {
      if (known !== undefined && clock.nowMs() - readAtMs < refreshMs) return known;
      readAtMs = clock.nowMs();
      try {
        const all = await readAll(documents, collection);
        const text = JSON.stringify([...all]);
        if (known === undefined || text !== knownText) {
          const byTenant = new Map([...all].map(([tenantId, own]) => [tenantId, readable(schema, own)]));
          const none = new Map<string, Setting>();
          known = { of: (tenantId) => byTenant.get(tenantId) ?? none };
        }
        knownText = text;
      } catch (error) {
        if (known === undefined) throw error;
      }
      return known;
    },
  };
}

type Listed = readonly { readonly id: string; readonly document: SettingDocument }[];

async function readAll(documents: DocumentStore, collection: string): Promise<ReadonlyMap<string, Listed>> {
  const all = new Map<string, { readonly id: string; readonly document: SettingDocument }[]>();
  for await (const page of documents.scan<SettingDocument>(collection)) {
    for (const { scope, id, document } of page) {
      const of = all.get(scope.tenantId);
      if (of === undefined) all.set(scope.tenantId, [{ id, document }]);
      else of.push({ id, document });
    }
  }
  return all;
}

function readable<Setting>(schema: z.ZodType<Setting>, listed: Listed): ReadonlyMap<string, Setting> {
  const found = new Map<string, Setting>();
  for (const { id, document } of listed) {
    const parsed = schema.safeParse(document.setting);
    if (parsed.success) found.set(id, parsed.data);
  }
  return found;
}

function unknown(noun: string, id: string): OpenFrameError {
  return new OpenFrameError(
    'NOT_FOUND',
    `This tenant has set no ${noun} ${JSON.stringify(id.slice(0, 80))}.`,
  );
}

function tooMany(noun: string): OpenFrameError {
  return new OpenFrameError(
    'QUOTA_EXCEEDED',
    `This tenant has set ${mostSettings} ${noun}s already, which is the limit: remove one first.`,
    { details: { limit: mostSettings } },
  );
}
