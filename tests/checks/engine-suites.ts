import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

interface Port {
  /** The file that declares the port, and the conformance suite of the same base name. */
  readonly file: string;
  /** The interface; whatever engine imports it from the file implements it. */
  readonly type: string;
  /** The suite's one entry point. */
  readonly suite: string;
}

const ports: Readonly<Record<string, readonly Port[]>> = {
  brokers: [
    { file: 'log.ts', type: 'Log', suite: 'describeLog' },
    { file: 'messaging.ts', type: 'Messaging', suite: 'describeMessaging' },
  ],
  sinks: [
    { file: 'event-log.ts', type: 'EventLog', suite: 'describeEventLog' },
    { file: 'analytics.ts', type: 'Analytics', suite: 'describeAnalytics' },
  ],
  stores: [
    { file: 'documents.ts', type: 'DocumentStore', suite: 'describeDocuments' },
    { file: 'cache.ts', type: 'Cache', suite: 'describeCache' },
  ],
};

export interface EngineReport {
  /** Every engine folder, as `brokers/embedded`, in alphabetical order. */
  readonly engines: readonly string[];
  /** One sentence for each suite that an engine forgot, and for each engine that implements no port. */
  readonly faults: readonly string[];
}

/**
 * Reads the engine folders (`brokers/X/`, `sinks/X/`, `stores/X/`) below `root`. An engine implements a port when
 * one of its files imports the port's type; then one of its tests imports the port's suite from conformance/ and
 * calls it.
 */
export function readEngineSuites(root: string): EngineReport {
  const engines = globSync('{brokers,sinks,stores}/*/', { cwd: root })
    .map((folder) => folder.replaceAll('\\', '/').replace(/\/$/, ''))
    .filter((folder) => sources(root, folder).length > 0)
    .sort();
  return { engines, faults: engines.flatMap((engine) => faultsOf(root, engine)) };
}

function faultsOf(root: string, engine: string): string[] {
  const files = sources(root, engine);
  const production = files.filter((file) => !file.fileName.endsWith('.test.ts'));
  const tests = files.filter((file) => file.fileName.endsWith('.test.ts'));
  const kind = engine.slice(0, engine.indexOf('/'));
  const implemented = (ports[kind] ?? []).filter((port) =>
    production.some((file) => imports(file, `../${port.file}`, port.type)),
  );
  if (implemented.length === 0) return [`${engine} implements no port of ${kind}/`];
  return implemented
    .filter((port) => !tests.some((file) => runsSuite(file, port)))
    .map((port) => `${engine} implements ${port.type} and no test of it calls ${port.suite}`);
}

function runsSuite(file: ts.SourceFile, port: Port): boolean {
  return imports(file, `conformance/${port.file}`, port.suite) && calls(file, port.suite);
}

function imports(file: ts.SourceFile, fromEnding: string, name: string): boolean {
  return file.statements.some(
    (statement) =>
      ts.isImportDeclaration(statement) &&
      ts.isStringLiteral(statement.moduleSpecifier) &&
      statement.moduleSpecifier.text.endsWith(fromEnding) &&
      namedBindings(statement).includes(name),
  );
}

function namedBindings(statement: ts.ImportDeclaration): string[] {
  const bindings = statement.importClause?.namedBindings;
  if (bindings === undefined || !ts.isNamedImports(bindings)) return [];
  return bindings.elements.map((element) => element.name.text);
}

function calls(node: ts.Node, name: string): boolean {
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === name)
    return true;
  return ts.forEachChild(node, (child) => calls(child, name) || undefined) ?? false;
}

function sources(root: string, engine: string): ts.SourceFile[] {
  return globSync(`${engine}/**/*.ts`, { cwd: root }).map((path) =>
    ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.ESNext),
  );
}
