import { messageOf, OpenFrameError } from '../../contracts/errors.ts';
import { runTool } from '../run-tool.ts';

export interface ToolsNeeded {
  /** The `java` that is to run; undefined where none is needed. */
  readonly java?: string | undefined;
  readonly javac?: string | undefined;
  readonly maven: boolean;
  readonly pip: boolean;
}

/** The one that all JVM servers run on: Cassandra 5.0 refuses later ones. */
const jdk = 17;

/** Throws `CONFIGURATION_INVALID`, which names all the missing tools at once and says how to get them. */
export async function checkTools({ java, javac, maven, pip }: ToolsNeeded): Promise<void> {
  const checks = [
    ...(java === undefined ? [] : [checkJava(java)]),
    ...(javac === undefined ? [] : [runTool(javac, ['-version'])]),
    ...(maven ? [runTool('mvn', ['--version'])] : []),
    ...(pip ? [runTool('python3', ['-m', 'pip', '--version'])] : []),
  ];
  const results = await Promise.allSettled(checks);
  const faults = results.flatMap((result) =>
    result.status === 'rejected' ? [messageOf(result.reason)] : [],
  );
  if (faults.length === 0) return;
  const message =
    `${faults.join(' ')} The engines need a JDK ${jdk}, Maven, and Python 3 with pip. ` +
    `Install them (Debian: apt install openjdk-${jdk}-jdk-headless maven python3-pip; ` +
    `macOS: brew install openjdk@${jdk} maven python), or name a JDK with --java-home.`;
  throw new OpenFrameError('CONFIGURATION_INVALID', message, { details: { faults } });
}

async function checkJava(java: string): Promise<void> {
  const said = await runTool(java, ['-version']);
  const major = Number(/version "(\d+)/.exec(said)?.[1]);
  if (major !== jdk) throw new Error(`${java} is version ${major} where ${jdk} is needed.`);
}
