#!/usr/bin/env -S node --max-semi-space-size=8 --initial-old-space-size=48 --heap-growing-percent=200
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// A third of the time that a process takes to begin is spent on compiling the same sources: kept with the packages, and
// not in the folder for temporary files, where others could put theirs. This file is JavaScript because TypeScript that is
// not in the cache yet loads Node's compiler for it: 10 MB for as long as the process lives.
const cacheFolder = fileURLToPath(new URL('../node_modules/.cache/openframe', import.meta.url));
enableCompileCache(cacheFolder);
// For threads, which begin without a cache.
process.env['NODE_COMPILE_CACHE'] ??= cacheFolder;
const { CommanderError } = await import('commander');
const { exitCodes, printError } = await import('./output.ts');
const { createProgram } = await import('./program.ts');

/** What is still to be written has this long. */
const lastWordsMs = 1_000;
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
    // A driver that could not open may keep a connection, and the process with it (Cassandra's and NATS' do).
    setTimeout(() => process.exit(), lastWordsMs).unref();
  }
}
