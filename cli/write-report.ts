import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { note } from './output.ts';

/** Writes a result to a file, as JSON where it is no text, and says so. Makes the folder. */
export async function writeReport(file: string, report: object | string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, typeof report === 'string' ? report : `${JSON.stringify(report, null, 2)}\n`);
  note(`written: ${file}`);
}
