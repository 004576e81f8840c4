import type { Log } from '../log.ts';

export const createEmbeddedLog = (): Log => ({ name: 'embedded' });
