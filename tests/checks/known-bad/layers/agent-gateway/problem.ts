export const problem = (code: string): string => code;
