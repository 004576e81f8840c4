import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { MavenPin } from '../pins.ts';
import { runTool } from '../run-tool.ts';
import type { FetchOptions } from './fetch-options.ts';

const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** Fetches the jars into `libs`, from wherever this machine's Maven is configured to look. */
export async function fetchJars(folder: string, pin: MavenPin, options: FetchOptions): Promise<void> {
  const libs = join(folder, 'libs');
  await mkdir(libs, { recursive: true });
  await writeFile(join(folder, 'pom.xml'), pomOf(pin));
  const total = Object.keys(pin.files).length;
  let done = 0;
  const onLine = (line: string): void => {
    if (/^Downloaded from .*\.jar /.test(line)) options.onFetched(Math.min((done += 1), total), total);
  };
  const args = [
    '-B',
    '-f',
    join(folder, 'pom.xml'),
    copy,
    `-DoutputDirectory=${libs}`,
    '-DincludeScope=runtime',
  ];
  await runTool('mvn', args, { cwd: folder, onLine });
  options.onFetched(total, total);
}

/** Compiles our own program against the jars, into `classes`. */
export async function compileProgram(folder: string, source: string, javac: string): Promise<void> {
  const classes = join(folder, 'classes');
  await mkdir(classes, { recursive: true });
  await runTool(javac, ['-cp', join(folder, 'libs', '*'), '-d', classes, source]);
}

/** Where the source of a pin's own program stands. */
export function programSource(engine: string, program: string): string {
  return fileURLToPath(new URL(`../${engine}/${program}.java`, import.meta.url));
}

function pomOf({ artifacts, managedBy }: MavenPin): string {
  const managed =
    managedBy === undefined ? '' : dependency(managedBy, '<type>pom</type><scope>import</scope>');
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>openframe</groupId>
  <artifactId>engine</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencyManagement><dependencies>${managed}</dependencies></dependencyManagement>
  <dependencies>${artifacts.map((artifact) => dependency(artifact)).join('')}</dependencies>
</project>
`;
}

function dependency(coordinates: string, more = ''): string {
  const [group, artifact, version] = coordinates.split(':');
  return (
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId>` +
    `<version>${version}</version>${more}</dependency>`
  );
}
