#!/usr/bin/env -S node --max-semi-space-size=8 --initial-old-space-size=72
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// A third of the time that a process takes to begin is spent on compiling the same sources: kept with the packages, and
// not in the folder for temporary files, where others could put theirs.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/openframe', import.meta.url)));
const { CommanderError } = await import('commander');
const { exitCodes, printError } = await import('./output.ts');
const { createProgram } = await import('./program.ts');

const json = process.argv.includes('--json');
try {
  const program = await createProgram(process.argv[2]);
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage;
  } else {
    printError(error, json);
    process.exitCode = exitCodes.failed;
  }
}
