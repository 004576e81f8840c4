import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { createTempFolder } from '../tests/support/temp-folder.ts';
import { type CertifiedEngine, clientCertificate } from './client-certificates.ts';
import { readSettings } from './settings.ts';

/** Its key was thrown away. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIBeDCCAR+gAwIBAgIUcNAufg3zyTY5dwi9rvl100tSxj4wCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGY2xpZW50MCAXDTI2MTEyNjEzMDgwNVoYDzIxMjYxMTAyMTMw
ODA1WjARMQ8wDQYDVQQDDAZjbGllbnQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAQ1wORvMhmN/xU4hk/X/Q85Dy6bGZIxIduAawEjICxM+sUnEhWioAivr5DoOXCY
2ZqeRmsisYRa4nL7QiddgiUdo1MwUTAdBgNVHQ4EFgQUXIJvtdEVA3pSYCdXw6Ph
eu4Xw1owHwYDVR0jBBgwFoAUXIJvtdEVA3pSYCdXw6Pheu4Xw1owDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAiVH73MOlAzHonQCWwzSDGUa/ziWq1
LtBPEvZlbu+vfgIgY02ylKiTaJSBhV5My9ACddtgNB1LNZ1dNwiesA72m7Y=
-----END CERTIFICATE-----
`;
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const anotherKey = privateKey.export({ type: 'pkcs8', format: 'pem' });
const encrypted = {
  OPENFRAME_NATS_URL: 'tls://127.0.0.1:4222',
  OPENFRAME_KAFKA_TLS: 'true',
  OPENFRAME_CASSANDRA_TLS: 'true',
  OPENFRAME_MONGODB_URL: 'mongodb://127.0.0.1:27017/?tls=true',
  OPENFRAME_REDIS_URL: 'rediss://127.0.0.1:6379',
};
const engines: readonly CertifiedEngine[] = ['NATS', 'KAFKA', 'CASSANDRA', 'MONGODB', 'REDIS'];

describe('the certificate by which a process signs in', () => {
  it.each(engines)('of %s is refused with the setting to mend', async (engine) => {
    await using folder = await createTempFolder();
    const files = { cert: join(folder.path, 'cert.pem'), key: join(folder.path, 'key.pem') };
    writeFileSync(files.cert, certificate);
    writeFileSync(files.key, anotherKey);
    const [certSetting, keySetting] = [
      `OPENFRAME_${engine}_TLS_CERT_FILE`,
      `OPENFRAME_${engine}_TLS_KEY_FILE`,
    ];
    const read = (given: Record<string, string>, more: Record<string, string> = encrypted) =>
      clientCertificate(readSettings({ ...more, ...given }), engine);
    const both = { [certSetting]: files.cert, [keySetting]: files.key };

    expect(read({})).toBeUndefined();
    expect(() => read({ [certSetting]: files.cert })).toThrow(`${keySetting} is missing`);
    expect(() => read({ [keySetting]: files.key })).toThrow(`${certSetting} is missing`);
    expect(() => read(both, {})).toThrow(/of no use without encryption: .*OPENFRAME_/);
    expect(() => read({ ...both, [keySetting]: join(folder.path, 'none') })).toThrow(
      `${keySetting} cannot be read`,
    );
    expect(() => read({ ...both, [certSetting]: files.key })).toThrow(
      `${certSetting} (${files.key}) holds no certificate`,
    );
    expect(() => read({ ...both, [keySetting]: files.cert })).toThrow(
      `${keySetting} (${files.cert}) holds no private key`,
    );
    expect(() => read(both)).toThrow(`${keySetting} (${files.key}) is not that of the certificate`);
  });
});
