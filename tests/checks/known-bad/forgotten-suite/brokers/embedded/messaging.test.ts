import { it } from 'vitest';

it('publishes', () => {});
