export const describeLog = (name: string, create: () => unknown): void => void [name, create];
