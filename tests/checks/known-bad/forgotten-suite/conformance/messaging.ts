export const describeMessaging = (name: string, create: () => unknown): void => void [name, create];
