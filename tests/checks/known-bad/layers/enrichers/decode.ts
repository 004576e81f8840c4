export const decode = (text: string): string => text;
