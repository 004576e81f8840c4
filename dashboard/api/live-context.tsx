import { createContext, use } from 'react';

/** Whether the page follows what happens, or stands still to be read. */
export interface Live {
  readonly paused: boolean;
  readonly togglePause: () => void;
}

export const LiveContext = createContext<Live>({ paused: false, togglePause: () => undefined });

export function useLive(): Live {
  return use(LiveContext);
}
