import type { Log } from '../log.ts';

export const embeddedLog: Log = { stages: [] };
