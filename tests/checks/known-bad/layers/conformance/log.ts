export const describeLog = (): void => {};
