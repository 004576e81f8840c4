import { describe } from 'vitest';

describe.skip('never runs', () => {});
