import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { messageOf, OpenFrameError } from '../contracts/errors.ts';

/**
 * A secret that never stands on the command line, where every user of the machine reads it: from a file (`-`:
 * standard input), else typed unseen on a terminal. Throws `ARGUMENT_INVALID` where there is none.
 */
export async function readSecret(file: string | undefined, prompt: string): Promise<string> {
  const secret = (file === undefined ? await typed(prompt) : await inFile(file)).replace(/\r?\n$/, '');
  if (secret !== '') return secret;
  throw new OpenFrameError('ARGUMENT_INVALID', 'The secret is empty: give it with --secret-file FILE.');
}

/** A text file that the user named. */
export async function inFile(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new OpenFrameError('ARGUMENT_INVALID', `${file} cannot be read: ${messageOf(cause)}.`, { cause });
  }
}

async function typed(prompt: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new OpenFrameError(
      'ARGUMENT_INVALID',
      'There is no secret: give it with --secret-file FILE, or --secret-file - for standard input.',
    );
  }
  process.stderr.write(`${prompt}: `);
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: true });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
