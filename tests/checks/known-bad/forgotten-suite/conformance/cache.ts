export const describeCache = (name: string, create: () => unknown): void => void [name, create];
