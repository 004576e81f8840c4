#!/usr/bin/env -S node --max-semi-space-size=16 --initial-old-space-size=96
import { CommanderError } from 'commander';

import { exitCodes, printError } from './output.ts';
import { createProgram } from './program.ts';

const json = process.argv.includes('--json');
try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage;
  } else {
    printError(error, json);
    process.exitCode = exitCodes.failed;
  }
}
