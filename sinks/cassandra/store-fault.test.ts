import { errors, types } from 'cassandra-driver';
import { expect, it } from 'vitest';

import { isSizeRefusal, storeFault } from './store-fault.ts';

const codes = types.responseErrorCodes;
const answer = (code: number, message: string): Error => new errors.ResponseError(code, message);

it('tells what passes by itself from what a person must mend', () => {
  for (const code of [codes.overloaded, codes.writeTimeout, codes.unavailableException, codes.writeFailure]) {
    expect(storeFault(answer(code, 'busy'))).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
  }
  const timedOut = new errors.OperationTimedOutError('The host did not reply', '127.0.0.1');
  expect(storeFault(new errors.NoHostAvailableError({ a: timedOut }))).toMatchObject({
    code: 'STORE_UNAVAILABLE',
    retryable: true,
    message: expect.stringContaining('The host did not reply') as string,
  });
  expect(storeFault(answer(codes.invalid, 'Undefined column name'))).toMatchObject({
    code: 'INTERNAL',
    retryable: false,
  });
});

it('says that a right is missing or a user was not taken, and what to do', () => {
  const denied = answer(codes.unauthorized, 'User app has no CREATE permission on <all keyspaces>');
  expect(storeFault(denied)).toMatchObject({
    code: 'CONFIGURATION_INVALID',
    retryable: false,
    message: expect.stringMatching(/no CREATE permission.*Grant CREATE/) as string,
  });
  const refused = new errors.NoHostAvailableError({ a: new errors.AuthenticationError('Bad credentials') });
  expect(storeFault(refused)).toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringMatching(/Bad credentials.*Check user and password/) as string,
  });
});

it('knows a row that is too large for the cluster', () => {
  const large = answer(
    codes.invalid,
    'Rejected an oversized mutation (9000000/8388608), which exceeds the limit',
  );
  expect(isSizeRefusal(storeFault(large))).toBe(true);
  expect(isSizeRefusal(storeFault(answer(codes.invalid, 'unconfigured table')))).toBe(false);
  expect(isSizeRefusal(storeFault(answer(codes.overloaded, 'exceeds')))).toBe(false);
});
