import { describe, expect, it } from 'vitest';

import { createEmbeddedDocuments } from './embedded/documents.ts';
import { createParentRegistry } from './parent-registry.ts';

const acme = { tenantId: 'acme', tokenId: 't', role: 'admin' } as const;
const other = { ...acme, tenantId: 'other' } as const;

function registry() {
  const documents = createEmbeddedDocuments({ path: ':memory:' });
  return createParentRegistry({ documents, clock: { nowMs: () => 1 } });
}

describe('declared parents', () => {
  it('refuses a device above itself, with the way around, however far', async () => {
    const parents = registry();
    await parents.set(acme, { parentId: 'gateway', deviceIds: ['host'] });
    await parents.set(acme, { parentId: 'host', deviceIds: ['vm'] });
    await expect(parents.set(acme, { parentId: 'vm', deviceIds: ['gateway'] })).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
      message: 'A device cannot depend on itself: "vm" under "host" under "gateway" under "vm".',
    });
    await expect(parents.set(acme, { parentId: 'x', deviceIds: ['x'] })).rejects.toMatchObject({
      message: 'A device cannot depend on itself: "x" under "x".',
    });
    expect(await parents.list(acme)).toHaveLength(2);
  });

  it('gives a device one parent, and takes its own devices anew', async () => {
    const parents = registry();
    await parents.set(acme, { parentId: 'a', deviceIds: ['vm'] });
    await expect(parents.set(acme, { parentId: 'b', deviceIds: ['vm'] })).rejects.toMatchObject({
      message: '"vm" has the parent "a" already: take it away there first.',
    });
    expect(await parents.set(acme, { parentId: 'a', deviceIds: ['vm', 'vm-2'] })).toMatchObject({
      version: 2,
    });
    await parents.remove(acme, 'a');
    await parents.set(acme, { parentId: 'b', deviceIds: ['vm'] });
  });

  it('knows nothing of another tenant’s', async () => {
    const parents = registry();
    await parents.set(acme, { parentId: 'a', deviceIds: ['b'] });
    await parents.set(other, { parentId: 'b', deviceIds: ['a'] });
    expect(await parents.list(other)).toMatchObject([{ parentId: 'b' }]);
    await expect(parents.remove(other, 'a')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
