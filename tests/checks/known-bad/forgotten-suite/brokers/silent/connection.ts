export const connect = (): boolean => true;
