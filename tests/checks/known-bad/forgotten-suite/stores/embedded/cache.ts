import type { Cache } from '../cache.ts';

export const createEmbeddedCache = (): Cache => ({ name: 'memory' });
