export const accept = (): boolean => true;
