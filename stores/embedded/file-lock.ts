import { DatabaseSync } from 'node:sqlite';

/**
 * Takes a lock that one process at a time can hold: the operating system's, on a SQLite file, so that a
 * killed process leaves none behind. Null where another holds it.
 */
export function takeFileLock(path: string): Disposable | null {
  const lock = new DatabaseSync(path);
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
    return { [Symbol.dispose]: () => lock.close() };
  } catch {
    lock.close();
    return null;
  }
}
