import { expect, it } from 'vitest';

import { certificateFault, untrustedServer } from './certificates.ts';

function coded(code: string, cause?: Error): Error {
  return Object.assign(new Error(`said ${code}`, { cause }), { code });
}

it.each([
  'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
  'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE',
  'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
])('names the settings of our certificate where the server says %s', (code) => {
  const fault = certificateFault(new Error('lost', { cause: coded(code) }), 'Kafka', 'OPENFRAME_KAFKA_TLS');
  expect(fault).toMatchObject({ code: 'CONFIGURATION_INVALID', retryable: false });
  expect(fault?.message).toMatch(/Kafka asks .*OPENFRAME_KAFKA_TLS_CERT_FILE.*OPENFRAME_KAFKA_TLS_KEY_FILE/);
});

it.each([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])('says what is wrong with the certificate of a server where Node says %s', (code) => {
  const fault = untrustedServer(new Error('lost', { cause: coded(code) }), 'Pinot at p:9000');
  expect(fault).toMatchObject({ code: 'CONFIGURATION_INVALID', retryable: false });
  expect(fault?.message).toMatch(/^Pinot at p:9000 .*not trusted \(said .*NODE_EXTRA_CA_CERTS/);
});

it.each(['ECONNREFUSED', 'ECONNRESET', 'ERR_SSL_WRONG_VERSION_NUMBER'])('leaves %s to others', (code) => {
  expect(certificateFault(coded(code), 'Redis', 'OPENFRAME_REDIS_TLS')).toBeNull();
});
