// @ts-expect-error the type is right, surely
export const ratePerSecond: number = '5';
