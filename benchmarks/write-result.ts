import { writeFileSync } from 'node:fs';

/** Prints a result, and keeps it in a file where one is named. */
export function writeResult(result: object, out: string | undefined): void {
  const text = `${JSON.stringify(result, null, 2)}\n`;
  process.stdout.write(text);
  if (out !== undefined) writeFileSync(out, text);
}
