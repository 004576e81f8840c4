import type { Messaging } from '../messaging.ts';

export const createEmbeddedMessaging = (): Messaging => ({ name: 'embedded' });
