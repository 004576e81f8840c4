import { homedir } from 'node:os';
import { join } from 'node:path';

import type { Clock } from '../streams/clock.ts';
import { type EngineName, engineNames, type MoreSettings, type NatsSettings } from './engine.ts';

/** How far one engine is. */
export interface EngineProgress {
  readonly engine: EngineName;
  readonly step: 'waiting' | 'fetching' | 'starting' | 'answering';
  /** Files fetched, of how many; 0 of 0 in the other steps. `waiting`: for its turn to fetch. */
  readonly done: number;
  readonly total: number;
}

export interface EngineOptions {
  /** Folder of the engines' data, logs and records: absolute, theirs alone. */
  readonly dataDir: string;
  /** Folder of fetched programs, shared by all data folders. */
  readonly cacheDir: string;
  readonly clock: Clock;
  /** Default: all. */
  readonly only?: readonly EngineName[] | undefined;
  /** Default: what the data folder was begun with; in a new one the engines' own. */
  readonly ports?: 'default' | 'free' | undefined;
  /** A JDK's folder. Default: `java` and `javac` as the shell finds them. */
  readonly javaHome?: string | undefined;
  /** A process for each role of Pinot, so that each can be stopped alone. Default false. */
  readonly pinotApart?: boolean | undefined;
  readonly natsSettings?: NatsSettings | undefined;
  /** What a test wants of the other servers. */
  readonly moreSettings?: MoreSettings | undefined;
  /** Called at every step of every engine; must not throw. */
  readonly onProgress?: ((progress: EngineProgress) => void) | undefined;
}

export const namesOf = ({ only }: Pick<EngineOptions, 'only'>): readonly EngineName[] => only ?? engineNames;

/** Where fetched programs are kept when nothing else is said. */
export const usualCacheDir = (): string => join(homedir(), '.cache', 'openframe', 'engines');

/** A tool of the JDK. */
export const jdkTool = ({ javaHome }: Pick<EngineOptions, 'javaHome'>, name: 'java' | 'javac'): string =>
  javaHome === undefined ? name : join(javaHome, 'bin', name);
