import { it } from 'vitest';

it.only('runs alone', () => {});
