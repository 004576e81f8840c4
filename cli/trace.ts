import { Command } from 'commander';

import { OpenFrameError } from '../contracts/errors.ts';
import type { Trace } from '../pipelines/trace.ts';
import { dataDirOption, jsonOption } from './options.ts';
import { printResult, table } from './output.ts';
import { withOperations } from './with-operations.ts';

export function traceCommand(): Command {
  return new Command('trace')
    .description('where one event went, with the time at each step')
    .argument('<event-id>', "the event's eventId")
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (eventId: string, options: { readonly dataDir: string; readonly json?: boolean }) => {
      const trace = await withOperations(options.dataDir, (operations) => operations.trace(eventId));
      if (trace.steps.length === 0 && trace.deadLetters.length === 0) {
        throw new OpenFrameError(
          'NOT_FOUND',
          `No step knows the event ${eventId}: check the id (GET /api/v1/events).`,
        );
      }
      printResult(trace, options, () => describe(trace));
    });
}

function describe(trace: Trace): string {
  const acceptedMs = trace.steps.find((step) => step.step === 'gateway')?.atMs ?? null;
  const rows = trace.steps.map(({ step, atMs, where }) => [
    step,
    atMs === null ? '' : new Date(atMs).toISOString(),
    atMs === null || acceptedMs === null ? '' : `${atMs >= acceptedMs ? '+' : ''}${atMs - acceptedMs} ms`,
    where,
  ]);
  const letters = trace.deadLetters.map((letter) => `dead letter ${letter.deadLetterId}: ${letter.reason}`);
  return [`event ${trace.eventId}`, table(['step', 'at', 'since accepted', 'where'], rows), ...letters].join(
    '\n',
  );
}
