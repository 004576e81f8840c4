import { expect, it } from 'vitest';

import { createAdmission } from './admission.ts';

const limits = { bodies: 4, bytes: 1000, tenantShare: 0.5 };
const code = (run: () => unknown): unknown => {
  try {
    run();
    return 'admitted';
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

it('leaves room for other tenants when one has its share of bodies', () => {
  const admission = createAdmission(limits);
  using first = admission.admit('flood');
  using second = admission.admit('flood');
  expect(code(() => admission.admit('flood'))).toBe('QUOTA_EXCEEDED');
  using quiet = admission.admit('quiet');
  expect([first, second, quiet]).toHaveLength(3);
});

it('refuses everybody once the process is full, and admits again when a place is given back', () => {
  const admission = createAdmission(limits);
  const places = ['a', 'a', 'b', 'b'].map((tenantId) => admission.admit(tenantId));
  expect(code(() => admission.admit('c'))).toBe('NOT_DURABLE_NOW');
  places[0]?.[Symbol.dispose]();
  places[0]?.[Symbol.dispose]();
  expect(code(() => admission.admit('c'))).toBe('admitted');
  expect(code(() => admission.admit('d'))).toBe('NOT_DURABLE_NOW');
});

it('counts bytes as they come, and gives them back when a body is too many', () => {
  const admission = createAdmission(limits);
  const body = admission.admit('a');
  body.grow(500);
  expect(code(() => body.grow(1))).toBe('QUOTA_EXCEEDED');
  using again = admission.admit('a');
  again.grow(500);
  using other = admission.admit('b');
  other.grow(500);
  using third = admission.admit('c');
  expect(code(() => third.grow(1))).toBe('NOT_DURABLE_NOW');
});
