import { hash } from 'node:crypto';

import { OpenFrameError } from '../contracts/errors.ts';
import { type Principal, type Role, roleSchema, tenantIdSchema } from '../contracts/tenant.ts';
import type { Clock } from '../streams/clock.ts';
import { type DocumentStore, platformScope } from '../stores/documents.ts';

const tokensCollection = 'tokens';
const tenantsCollection = 'tenants';
const tokenPattern = /^of_[A-Za-z0-9_-]{43}$/;
/** A verified token is believed this long without asking the store. */
const verifiedForMs = 60_000;
/** A refusal is remembered this long only: a token that another process just minted must soon work. */
const refusedForMs = 1_000;
const maxRemembered = 10_000;

export interface MintOptions {
  readonly tenantId: string;
  readonly role: Role;
  /** The token may then speak for this device alone. */
  readonly deviceId?: string;
  /** Without it the token does not expire. */
  readonly ttlMs?: number;
}

/** Bearer tokens: minted once, shown once, stored as their SHA-256 only. */
export interface Tokens {
  /**
   * A new token; creates the tenant where it is missing. Throws `ARGUMENT_INVALID` for a tenant's name or a
   * role that cannot be.
   */
  mint(options: MintOptions): Promise<{ readonly token: string }>;
  /**
   * Who holds this token: with or without `Bearer ` before it, as an Authorization header has it. Throws
   * `TOKEN_INVALID` where it is missing, malformed or unknown and `TOKEN_EXPIRED` after its time.
   */
  authenticate(bearer: string | undefined): Promise<Principal>;
}

interface TokenDocument {
  readonly tenantId: string;
  readonly role: Role;
  readonly deviceId: string | null;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
}

interface Remembered {
  readonly untilMs: number;
  /** null: the store does not know the token. */
  readonly document: TokenDocument | null;
}

export function createTokens(deps: {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  /** Cryptographically strong: `node:crypto`'s `randomBytes`. */
  readonly randomBytes: (size: number) => Uint8Array;
}): Tokens {
  const { documents, clock } = deps;
  const remembered = new Map<string, Remembered>();

  const lookUp = async (digest: string): Promise<TokenDocument | null> => {
    const nowMs = clock.nowMs();
    const known = remembered.get(digest);
    if (known !== undefined && nowMs < known.untilMs) return known.document;
    const document = await documents.get<TokenDocument>(platformScope, tokensCollection, digest);
    const untilMs = nowMs + (document === null ? refusedForMs : verifiedForMs);
    remembered.delete(digest);
    remembered.set(digest, { untilMs, document });
    dropOldest(remembered);
    return document;
  };

  return {
    async mint(options) {
      const { tenantId, role, deviceId, ttlMs } = options;
      checkMint(options);
      const nowMs = clock.nowMs();
      const token = `of_${Buffer.from(deps.randomBytes(32)).toString('base64url')}`;
      const document: TokenDocument = {
        tenantId,
        role,
        deviceId: deviceId ?? null,
        createdAtMs: nowMs,
        expiresAtMs: ttlMs === undefined ? null : nowMs + ttlMs,
      };
      await documents.insert(platformScope, tenantsCollection, tenantId, { tenantId, createdAtMs: nowMs });
      await documents.put(platformScope, tokensCollection, digestOf(token), document);
      return { token };
    },
    async authenticate(bearer) {
      const token = (bearer ?? '').replace(/^bearer +/i, '').trim();
      if (!tokenPattern.test(token)) throw invalid(bearer === undefined ? 'is missing' : 'is malformed');
      const digest = digestOf(token);
      const document = await lookUp(digest);
      if (document === null) throw invalid('is not known here');
      if (document.expiresAtMs !== null && document.expiresAtMs <= clock.nowMs()) {
        const expired = new Date(document.expiresAtMs).toISOString();
        throw new OpenFrameError(
          'TOKEN_EXPIRED',
          `The token expired at ${expired}: get a new one with \`openframe token\`.`,
        );
      }
      const { tenantId, role, deviceId } = document;
      const tokenId = digest.slice(0, 16);
      return { tenantId, role, tokenId, ...(deviceId === null ? {} : { deviceId }) };
    },
  };
}

function checkMint({ tenantId, role, deviceId, ttlMs }: MintOptions): void {
  const faults = [
    ...(tenantIdSchema.safeParse(tenantId).error?.issues.map((i) => `tenant ${i.message}`) ?? []),
    ...(roleSchema.safeParse(role).error?.issues.map((i) => `role: ${i.message}`) ?? []),
    ...(deviceId === '' ? ['deviceId must not be empty'] : []),
    ...(ttlMs !== undefined && !(ttlMs > 0) ? ['ttlMs must be more than 0'] : []),
  ];
  if (faults.length > 0) {
    throw new OpenFrameError('ARGUMENT_INVALID', `No token was made: ${faults.join('; ')}.`);
  }
}

function digestOf(token: string): string {
  return hash('sha256', token, 'hex');
}

function invalid(what: string): OpenFrameError {
  return new OpenFrameError(
    'TOKEN_INVALID',
    `The bearer token ${what}: send "Authorization: Bearer <token>" with one from \`openframe token\`.`,
  );
}

function dropOldest(remembered: Map<string, Remembered>): void {
  if (remembered.size <= maxRemembered) return;
  const oldest = remembered.keys().next();
  if (oldest.done !== true) remembered.delete(oldest.value);
}
