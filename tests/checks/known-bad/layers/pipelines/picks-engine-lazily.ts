export const open = async (): Promise<unknown> => import('../brokers/embedded/log.ts');
