export const describeAnalytics = (name: string, create: () => unknown): void => void [name, create];
