import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { OpenFrameError } from '../../contracts/errors.ts';
import type { WheelPin } from '../pins.ts';
import { runTool } from '../run-tool.ts';
import { checkFile } from './checksums.ts';
import type { FetchOptions } from './fetch-options.ts';

const python = 'python3';

/** Fetches the wheel of this platform, from wherever this machine's pip is configured to look, and checks it. */
export async function fetchWheel(folder: string, pin: WheelPin, options: FetchOptions): Promise<string> {
  const wheels = join(folder, 'wheels');
  await mkdir(wheels, { recursive: true });
  const wanted = `${pin.package}==${pin.version}`;
  const args = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--dest', wheels, wanted];
  await runTool(python, args, { cwd: folder });
  const [name] = await readdir(wheels);
  if (name === undefined) throw new OpenFrameError('INTERNAL', `pip fetched no file for ${wanted}.`);
  options.onFetched(1, 1);
  return name;
}

/** Unpacks the checked wheel, and puts its program into `folder` under the program's own name. */
export async function unpackProgram(folder: string, name: string, pin: WheelPin): Promise<void> {
  await checkFile(join(folder, 'wheels'), name, pin.files);
  const unpacked = join(folder, 'unpacked');
  await runTool(python, ['-m', 'zipfile', '-e', join(folder, 'wheels', name), unpacked]);
  const entries = await readdir(unpacked, { recursive: true, withFileTypes: true });
  const found = entries.find((entry) => entry.isFile() && entry.name === pin.program);
  if (found === undefined) throw new OpenFrameError('INTERNAL', `${name} has no file ${pin.program}.`);
  await rename(join(found.parentPath, found.name), join(folder, pin.program));
  await chmod(join(folder, pin.program), 0o755);
  await rm(unpacked, { recursive: true });
}
