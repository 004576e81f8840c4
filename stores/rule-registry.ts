import { type AlertRule, type KeptRule, keptRuleSchema } from '../contracts/alert-rule.ts';
import { OpenFrameError } from '../contracts/errors.ts';
import type { Principal, TenantScope } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import type { DocumentStore } from './documents.ts';

const collection = 'alert-rules';
/** So old may be what detection and readers are told. */
const refreshMs = 5_000;
const mostRules = 200;

/** The rules of all tenants: the default ones, and in their place or beside them what a tenant has set. */
export interface RuleRegistry {
  /** By id. */
  list(scope: TenantScope): Promise<readonly KeptRule[]>;
  /**
   * Puts a rule in the place of the one with its id; its version is one higher. Throws `ARGUMENT_INVALID` where a
   * condition is no CEL, and `QUOTA_EXCEEDED` beyond 200 rules of a tenant.
   */
  set(principal: Principal, rule: AlertRule): Promise<KeptRule>;
  /** Takes a tenant's rule away; a default one takes its place again. Throws `NOT_FOUND`. */
  remove(principal: Principal, ruleId: string): Promise<void>;
  /** What is in force, for detection: read from the store every 5 s, the same object while nothing changed. */
  current(): Promise<{ rulesOf(tenantId: string): readonly KeptRule[] }>;
}

/** A removed rule is kept as a document without one, so that its versions go on counting. */
interface RuleDocument {
  readonly rule: KeptRule | null;
  readonly version: number;
}

export interface RuleRegistryDeps {
  readonly documents: DocumentStore;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly defaults: readonly KeptRule[];
  /** Throws `ARGUMENT_INVALID` where the rule cannot be run. */
  readonly check: (rule: AlertRule) => void;
}

type Documents = ReadonlyMap<string, ReadonlyMap<string, RuleDocument>>;

export function createRuleRegistry({ documents, clock, defaults, check }: RuleRegistryDeps): RuleRegistry {
  const current = createCurrent({ documents, clock, defaults });
  const keptOf = async (scope: TenantScope): Promise<ReadonlyMap<string, RuleDocument>> => {
    const found = await documents.list<RuleDocument>(scope, collection, { limit: 2 * mostRules });
    return new Map(found.map(({ id, document }) => [id, document]));
  };
  return {
    list: async (scope) => inForce(defaults, await keptOf(scope)),
    async set(principal, rule) {
      check(rule);
      const known = await keptOf(principal);
      const before = known.get(rule.ruleId);
      const own = [...known.values()].filter((document) => document.rule !== null);
      if (own.length >= mostRules && (before?.rule ?? null) === null) throw tooMany();
      const version =
        1 + (before?.version ?? (defaults.some(({ ruleId }) => ruleId === rule.ruleId) ? 1 : 0));
      const changed = { changedAtMs: clock.nowMs(), changedBy: principal.tokenId };
      const kept: KeptRule = { ...rule, version, origin: 'tenant', ...changed };
      await documents.put(principal, collection, rule.ruleId, { rule: kept, version });
      current.forget();
      return kept;
    },
    async remove(principal, ruleId) {
      const before = await documents.get<RuleDocument>(principal, collection, ruleId);
      if (before === null || before.rule === null) throw unknownRule(ruleId);
      await documents.put(principal, collection, ruleId, { rule: null, version: before.version });
      current.forget();
    },
    current: () => current.read(),
  };
}

/** What is in force, from memory. A store that is away leaves the rules as they were. */
function createCurrent({ documents, clock, defaults }: Omit<RuleRegistryDeps, 'check'>) {
  let known: { rulesOf(tenantId: string): readonly KeptRule[] } | undefined;
  let knownText = '';
  let readAtMs = Number.NEGATIVE_INFINITY;
  return {
    forget: () => void (readAtMs = Number.NEGATIVE_INFINITY),
    async read() {
      if (known !== undefined && clock.nowMs() - readAtMs < refreshMs) return known;
      readAtMs = clock.nowMs();
      try {
        const all = await readAll(documents);
        const text = JSON.stringify([...all].map(([tenantId, rules]) => [tenantId, [...rules]]));
        if (known === undefined || text !== knownText) known = ruleSetOf(defaults, all);
        knownText = text;
      } catch (error) {
        if (known === undefined) throw error;
      }
      return known;
    },
  };
}

async function readAll(documents: DocumentStore): Promise<Documents> {
  const all = new Map<string, Map<string, RuleDocument>>();
  for await (const page of documents.scan<RuleDocument>(collection)) {
    for (const { scope, id, document } of page) {
      const of = all.get(scope.tenantId) ?? new Map<string, RuleDocument>();
      all.set(scope.tenantId, of.set(id, document));
    }
  }
  return all;
}

function ruleSetOf(defaults: readonly KeptRule[], all: Documents) {
  const byTenant = new Map([...all].map(([tenantId, own]) => [tenantId, inForce(defaults, own)]));
  return { rulesOf: (tenantId: string) => byTenant.get(tenantId) ?? defaults };
}

/** One that this version cannot read is left out: it was written by a newer one. */
function inForce(defaults: readonly KeptRule[], own: ReadonlyMap<string, RuleDocument>): readonly KeptRule[] {
  const rules = new Map(defaults.map((rule) => [rule.ruleId, rule]));
  for (const { rule } of own.values()) {
    const parsed = keptRuleSchema.safeParse(rule);
    if (parsed.success) rules.set(parsed.data.ruleId, parsed.data);
  }
  return [...rules.values()].sort((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
}

function unknownRule(ruleId: string): OpenFrameError {
  return new OpenFrameError(
    'NOT_FOUND',
    `This tenant has set no rule ${JSON.stringify(ruleId.slice(0, 80))}.`,
  );
}

function tooMany(): OpenFrameError {
  return new OpenFrameError(
    'QUOTA_EXCEEDED',
    `This tenant has set ${mostRules} rules already, which is the limit: remove one first.`,
    { details: { limit: mostRules } },
  );
}
