import { join } from 'path';

export const dataFile = (folder: string): string => join(folder, 'log.sqlite');
