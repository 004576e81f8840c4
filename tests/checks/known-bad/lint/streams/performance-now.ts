export const nowMs = (): number => performance.now();
