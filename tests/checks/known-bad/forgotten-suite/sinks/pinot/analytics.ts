import type { Analytics } from '../analytics.ts';

export const createPinotAnalytics = (): Analytics => ({ name: 'pinot' });
