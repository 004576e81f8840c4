import { createPrivateKey, X509Certificate } from 'node:crypto';

import type { ClientCertificate } from '../contracts/certificates.ts';
import { messageOf, OpenFrameError } from '../contracts/errors.ts';
import { readSecretFile } from './secret-file.ts';
import type { Settings } from './settings.ts';

export type CertifiedEngine = 'NATS' | 'KAFKA' | 'CASSANDRA' | 'MONGODB' | 'REDIS';

/**
 * As whom this process signs in to the engine by certificate; undefined where no setting says so. Throws
 * `CONFIGURATION_INVALID` that names the setting: a file of the two is missing or cannot be read, the key is not that
 * of the certificate, or connections to the engine are not encrypted, so that nothing would be shown.
 */
export function clientCertificate(
  settings: Settings,
  engine: CertifiedEngine,
): ClientCertificate | undefined {
  const [certSetting, keySetting] = [
    `OPENFRAME_${engine}_TLS_CERT_FILE`,
    `OPENFRAME_${engine}_TLS_KEY_FILE`,
  ] as const;
  const [certFile, keyFile] = [settings[certSetting], settings[keySetting]];
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined) throw invalid(`${certSetting} is missing beside ${keySetting}: set both.`);
  if (keyFile === undefined) throw invalid(`${keySetting} is missing beside ${certSetting}: set both.`);
  const encryption = missingEncryption(settings, engine);
  if (encryption !== null) throw invalid(`${certSetting} is of no use without encryption: ${encryption}.`);
  const [cert, key] = [readSecretFile(certSetting, certFile), readSecretFile(keySetting, keyFile)];
  const certificate = parsed(certSetting, certFile, 'certificate', () => new X509Certificate(cert));
  const privateKey = parsed(keySetting, keyFile, 'private key without a passphrase', () =>
    createPrivateKey(key),
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw invalid(`The key in ${keySetting} (${keyFile}) is not that of the certificate in ${certFile}.`);
  }
  return { cert, key };
}

/** As a property to spread into an engine's options. */
export function certified(
  settings: Settings,
  engine: CertifiedEngine,
): { readonly certificate?: ClientCertificate } {
  const certificate = clientCertificate(settings, engine);
  return certificate === undefined ? {} : { certificate };
}

/** What to set so that connections are encrypted; null where they are. */
function missingEncryption(settings: Settings, engine: CertifiedEngine): string | null {
  switch (engine) {
    case 'NATS':
      return settings.OPENFRAME_NATS_URL.includes('tls://') ? null : 'begin OPENFRAME_NATS_URL with tls://';
    case 'KAFKA':
      return settings.OPENFRAME_KAFKA_TLS ? null : 'set OPENFRAME_KAFKA_TLS to true';
    case 'CASSANDRA':
      return settings.OPENFRAME_CASSANDRA_TLS ? null : 'set OPENFRAME_CASSANDRA_TLS to true';
    case 'MONGODB':
      return isMongoEncrypted(settings.OPENFRAME_MONGODB_URL)
        ? null
        : 'add tls=true to OPENFRAME_MONGODB_URL';
    case 'REDIS':
      return settings.OPENFRAME_REDIS_URL.startsWith('rediss:')
        ? null
        : 'begin OPENFRAME_REDIS_URL with rediss://';
  }
}

/** `mongodb+srv` is encrypted unless told otherwise. Not parsed as a URL, because it may name several hosts. */
function isMongoEncrypted(url: string): boolean {
  const [, option] = /[?&](?:tls|ssl)=(\w+)/.exec(url) ?? [];
  return option === undefined ? url.startsWith('mongodb+srv:') : option === 'true';
}

function parsed<T>(setting: string, file: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw invalid(`${setting} (${file}) holds no ${what} as PEM: ${messageOf(cause)}.`);
  }
}

function invalid(message: string): OpenFrameError {
  return new OpenFrameError('CONFIGURATION_INVALID', message);
}
