import type { Event } from '../contracts/event.ts';

export type Stage = (event: Event) => Event;
