import { randomBytes } from 'node:crypto';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { startFleetServer } from '../integrations/fleet/fleet-server.fixture.ts';
import { createEmbeddedDocuments } from '../stores/embedded/documents.ts';
import { createToolDirectory } from '../stores/tool-directory.ts';
import { createManualClock } from '../streams/clock.ts';
import { createTempFolder } from '../tests/support/temp-folder.ts';
import { type ConnectRequest, createConnectorOperations } from './connector-operations.ts';
import { openSecretBox } from './secret-key.ts';
import { readSettings } from './settings.ts';

async function setUp() {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await createTempFolder());
  const clock = createManualClock(Date.parse('2026-11-22T12:00:00Z'));
  const documents = stack.use(createEmbeddedDocuments({ path: join(folder.path, 'documents.db') }));
  const fleet = stack.use(await startFleetServer(clock.nowMs()));
  const secrets = openSecretBox(readSettings(), join(folder.path, 'secrets.key'));
  const request: ConnectRequest = {
    ...{ kind: 'fleet', server: 'fleet', url: fleet.url, user: '', secret: fleet.token, ca: null },
    ...{ backMs: 0, pollMs: 30_000, tenantId: 'bakery', scopes: {} },
  };
  return {
    folder: folder.path,
    fleet,
    request,
    connectors: createConnectorOperations({ documents, clock, secrets }),
    directory: createToolDirectory({ documents, clock }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe('connecting a tool', () => {
  it('keeps the secret sealed by a key that its owner alone may read, and shows it nowhere', async () => {
    await using test = await setUp();
    const view = await test.connectors.connect(test.request);
    expect(view).toMatchObject({
      tenantId: 'bakery',
      status: { state: 'starting', account: 'ada@example.com' },
    });
    const names = (await readdir(test.folder)).filter((name) => name.startsWith('documents'));
    const files = await Promise.all(names.map((name) => readFile(join(test.folder, name), 'latin1')));
    const shown = JSON.stringify([view, await test.connectors.list()]);
    expect(files.join()).toContain('aes-256-gcm');
    expect(files.join() + shown).not.toContain(test.fleet.token);
    expect((await stat(join(test.folder, 'secrets.key'))).mode & 0o777).toBe(0o600);
  });

  it('changes nothing where signing in fails', async () => {
    await using test = await setUp();
    const { connectors, request } = test;
    const wrong = [
      [{ secret: 'wrong' }, 'TOOL_REFUSED'],
      [{ url: 'http://127.0.0.1:1' }, 'TOOL_UNAVAILABLE'],
      [{ url: 'http://fleet.example.com' }, 'ARGUMENT_INVALID'],
      [{ tenantId: null }, 'ARGUMENT_INVALID'],
      [{ server: 'a/b' }, 'ARGUMENT_INVALID'],
    ] as const;
    for (const [change, code] of wrong) {
      await expect(connectors.connect({ ...request, ...change })).rejects.toMatchObject({ code });
    }
    expect([await connectors.list(), await test.directory.connections()]).toEqual([[], []]);
  });

  it('gives a server that one tenant has to no other under its name, and removes it whole', async () => {
    await using test = await setUp();
    const { connectors, request } = test;
    await connectors.connect(request);
    const stolen = connectors.connect({ ...request, tenantId: 'butcher' });
    await expect(stolen).rejects.toThrow(/is connected for bakery already/);
    await connectors.connect({ ...request, scopes: { 3: 'butcher' } });
    expect(await connectors.list()).toMatchObject([{ tenantId: 'bakery', scopes: { 3: 'butcher' } }]);
    const name = { kind: 'fleet', server: 'fleet' } as const;
    expect([await connectors.remove(name), await connectors.remove(name)]).toEqual([true, false]);
    expect(await connectors.list()).toEqual([]);
  });
});

describe('the key of secrets', () => {
  const key = randomBytes(32).toString('base64');

  it('comes from a setting or a file, the same each time', async () => {
    await using folder = await createTempFolder();
    const path = join(folder.path, 'key');
    await writeFile(path, `${key}\n`, { mode: 0o600 });
    const one = openSecretBox(readSettings({ OPENFRAME_SECRETS_KEY: key }));
    const other = openSecretBox(readSettings({ OPENFRAME_SECRETS_KEY_FILE: path }));
    expect(other.open('a', one.seal('a', 'secret'))).toBe('secret');
  });

  it('is refused where others may read it, it has another form, or there is none', async () => {
    await using folder = await createTempFolder();
    const path = join(folder.path, 'key');
    await writeFile(path, key);
    await chmod(path, 0o644);
    const boxes = [
      [{ OPENFRAME_SECRETS_KEY_FILE: path }, /chmod 600/],
      [{ OPENFRAME_SECRETS_KEY_FILE: join(folder.path, 'none') }, /cannot be read/],
      [{ OPENFRAME_SECRETS_KEY: 'short' }, /32 bytes in base64/],
      [{}, /There is no key/],
    ] as const;
    for (const [settings, message] of boxes) {
      expect(() => openSecretBox(readSettings(settings)).seal('a', 'secret')).toThrow(message);
    }
  });
});
