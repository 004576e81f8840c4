import { createContext, use } from 'react';

/** Whether the page follows what happens, or stands still to be read. */
export const LiveContext = createContext<{ readonly paused: boolean }>({ paused: false });

export function useLive(): { readonly paused: boolean } {
  return use(LiveContext);
}
