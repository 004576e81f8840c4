import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import type { Role } from '../contracts/tenant.ts';
import { type DocumentStore, platformScope } from '../stores/documents.ts';
import { createEmbeddedDocuments } from '../stores/embedded/documents.ts';
import { createManualClock, type ManualClock } from '../streams/clock.ts';
import { createTokens, type Tokens } from './tokens.ts';

let folder: string;
let documents: DocumentStore;
let clock: ManualClock;
let tokens: Tokens;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openframe-tokens-'));
  documents = createEmbeddedDocuments({ path: join(folder, 'documents.sqlite') });
  clock = createManualClock(1_700_000_000_000);
  tokens = createTokens({ documents, clock, randomBytes });
});

afterEach(async () => {
  await documents[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

it('says who holds a token, with and without the word Bearer', async () => {
  const { token } = await tokens.mint({ tenantId: 'north', role: 'agent', deviceId: 'd1' });
  expect(token).toMatch(/^of_[A-Za-z0-9_-]{43}$/);
  const principal = await tokens.authenticate(token);
  expect(principal).toMatchObject({ tenantId: 'north', role: 'agent', deviceId: 'd1' });
  expect(await tokens.authenticate(`Bearer ${token}`)).toEqual(principal);
  expect(await tokens.authenticate(`bearer  ${token} `)).toEqual(principal);
  expect(token).not.toContain(principal.tokenId);
});

it('creates the tenant once, where it is missing', async () => {
  await tokens.mint({ tenantId: 'north', role: 'agent' });
  await clock.advance(5);
  await tokens.mint({ tenantId: 'north', role: 'admin' });
  expect(await documents.get(platformScope, 'tenants', 'north')).toEqual({
    tenantId: 'north',
    createdAtMs: 1_700_000_000_000,
  });
});

it('stores no token that could be read and used', async () => {
  const { token } = await tokens.mint({ tenantId: 'north', role: 'admin' });
  await documents[Symbol.asyncDispose]();
  const stored = await readFile(join(folder, 'documents.sqlite'), 'latin1');
  expect(stored).toContain('expiresAtMs');
  expect(stored).not.toContain(token);
  expect(stored).not.toContain(token.slice(3));
});

it.each([undefined, '', 'Bearer', 'of_', 'Basic abc', `of_${'a'.repeat(43)}`, `of_${'a'.repeat(100_000)}`])(
  'refuses %s',
  async (bearer) => {
    await expect(tokens.authenticate(bearer)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  },
);

it('lets a token expire at its time, also one that was just verified', async () => {
  const { token } = await tokens.mint({ tenantId: 'north', role: 'agent', ttlMs: 10_000 });
  await clock.advance(9_999);
  await tokens.authenticate(token);
  await clock.advance(1);
  await expect(tokens.authenticate(token)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
});

it('forgets within a second that a token was unknown: another process may mint it', async () => {
  const fixed = (): Uint8Array => new Uint8Array(32).fill(7);
  const other = createTokens({ documents, clock, randomBytes: fixed });
  const token = `of_${Buffer.from(fixed()).toString('base64url')}`;
  await expect(tokens.authenticate(token)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  await other.mint({ tenantId: 'south', role: 'agent' });
  await clock.advance(1_000);
  expect(await tokens.authenticate(token)).toMatchObject({ tenantId: 'south' });
});

it('believes a verified token for a minute, then asks the store again', async () => {
  const { token } = await tokens.mint({ tenantId: 'north', role: 'agent' });
  await tokens.authenticate(token);
  const [stored] = await documents.list(platformScope, 'tokens', { limit: 1 });
  await documents.delete(platformScope, 'tokens', stored?.id ?? '');
  await clock.advance(59_999);
  await tokens.authenticate(token);
  await clock.advance(1);
  await expect(tokens.authenticate(token)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
});

it('makes no token for a tenant or a role that cannot be', async () => {
  for (const tenantId of ['', 'North', 'a.b', '$platform', 'a'.repeat(64)]) {
    await expect(tokens.mint({ tenantId, role: 'agent' })).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
    });
  }
  const role = 'owner' as Role;
  await expect(tokens.mint({ tenantId: 'north', role })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  await expect(tokens.mint({ tenantId: 'north', role: 'agent', ttlMs: 0 })).rejects.toMatchObject({
    code: 'ARGUMENT_INVALID',
  });
});
