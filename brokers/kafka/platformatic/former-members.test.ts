import { describe, expect, it } from 'vitest';

import { faultCode, protocolError } from './faults.ts';
import { eachLeaves } from './former-members.ts';

describe('former members', () => {
  it.each([
    { fault: faultCode.coordinatorNotAvailable, passes: true },
    { fault: faultCode.unknownMemberId, passes: false },
  ])('all leave behind one whose leave fails with $fault', async ({ fault, passes }) => {
    const left: string[] = [];
    const leaving = eachLeaves(['a', 'b', 'c'], (memberId) => {
      if (memberId === 'a') return Promise.reject(protocolError(fault));
      left.push(memberId);
      return Promise.resolve();
    });
    if (passes) await expect(leaving).rejects.toThrow();
    else await leaving;
    expect(left).toEqual(['b', 'c']);
  });
});
