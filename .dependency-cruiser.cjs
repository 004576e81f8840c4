/*
 * The import layers of ARCHITECTURE.md. Type-only imports count: a layer that names another's types knows it.
 */

const engines = '^(brokers|sinks|stores)/[^/]+/';
const ports = '^(brokers|sinks|stores)/[^/]+$';
// A `x.fixture.ts` is what the tests beside it share, or the program that they start.
const testFiles = '[.](test|fixture)[.]tsx?$';
const problemHandler = '^agent-gateway/problem[^/]*$';

/** For each folder, what its files may import besides their own folder. */
const layers = {
  contracts: [],
  streams: ['^contracts/'],
  brokers: ['^contracts/', '^streams/'],
  sinks: ['^contracts/', '^streams/'],
  stores: ['^contracts/', '^streams/'],
  enrichers: ['^contracts/', '^streams/', ports],
  alerting: ['^contracts/', '^streams/', ports],
  pipelines: ['^contracts/', '^streams/', ports, '^enrichers/', '^alerting/'],
  integrations: ['^contracts/', '^streams/', ports],
  'agent-gateway': ['^contracts/', '^streams/', ports],
  'query-api': ['^contracts/', '^streams/', ports, problemHandler],
  agent: ['^contracts/', '^streams/'],
  simulator: ['^contracts/', '^streams/'],
  // The page Bench reads and compares results as `bench compare` does: pure functions, in the browser.
  dashboard: [
    '^contracts/',
    '^benchmarks/(report|compare/(compare|interval))[.]ts$',
    '^streams/random[.]ts$',
  ],
  engines: ['^contracts/', '^streams/'],
  conformance: ['^contracts/', '^streams/', ports],
};

/** Composition roots and what stands above them: they import any layer, never these. */
const roots = {
  services: '^(cli|dashboard|conformance|benchmarks|examples|tests)/',
  cli: '^(dashboard|conformance|examples|tests)/',
  benchmarks: '^(dashboard|conformance|examples)/',
  examples: '^(dashboard|conformance|benchmarks|tests)/',
  tests: '^examples/',
};

/** A driver or framework is imported in the folders named here; tests and benchmarks may hold it against our own code. */
const drivers = {
  sqlite: { modules: ['sqlite'], folders: '^(brokers/embedded|stores/embedded|agent)/' },
  duckdb: { modules: ['@duckdb/[^/]+'], folders: '^sinks/embedded/' },
  kafka: {
    modules: ['kafkajs', '@confluentinc/kafka-javascript', '@platformatic/kafka'],
    folders: '^brokers/kafka/',
  },
  nats: { modules: ['nats', '@nats-io/[^/]+'], folders: '^brokers/nats/' },
  cassandra: { modules: ['cassandra-driver'], folders: '^sinks/cassandra/' },
  axios: { modules: ['axios'], folders: '^sinks/pinot/' },
  mongodb: { modules: ['mongodb'], folders: '^stores/mongodb/' },
  redis: { modules: ['redis', '@redis/[^/]+', 'ioredis'], folders: '^stores/redis/' },
  anthropic: { modules: ['@anthropic-ai/[^/]+'], folders: '^(alerting/llm|assistants)/' },
  cel: { modules: ['@bufbuild/[^/]+'], folders: '^alerting/detectors/rules/' },
  rrule: { modules: ['rrule-temporal'], folders: '^alerting/windows/' },
  graphql: { modules: ['graphql', 'graphql-[^/]+', 'dataloader'], folders: '^query-api/graphql/' },
  fastify: { modules: ['fastify', '@fastify/[^/]+'], folders: '^(agent-gateway|query-api|services)/' },
  protobuf: { modules: ['protobufjs'], folders: '^enrichers/decoders/otlp/' },
  undici: { modules: ['undici'], folders: '^(agent|cli|integrations|services|simulator|benchmarks)/' },
  nodemailer: { modules: ['nodemailer'], folders: '^services/mail/' },
  systeminformation: { modules: ['systeminformation'], folders: '^agent/' },
  csvParse: { modules: ['csv-parse'], folders: '^benchmarks/' },
  terminal: { modules: ['commander', 'cli-progress'], folders: '^cli/' },
  react: {
    modules: ['react', 'react-[^/]+', '@tanstack/[^/]+', 'cmdk', 'uplot', '@vitejs/[^/]+'],
    folders: '^dashboard/',
  },
};

const known = [...Object.keys(layers), ...Object.keys(roots)].join('|');

function layerRule([folder, allowed]) {
  return {
    name: `layer-${folder}`,
    comment: `${folder}/ may import: its own folder${allowed.map((path) => `, ${path}`).join('')}`,
    severity: 'error',
    from: { path: `^${folder}/`, pathNot: [testFiles] },
    to: { path: `^(${known})/`, pathNot: [`^${folder}/`, ...allowed] },
  };
}

function rootRule([folder, forbidden]) {
  return {
    name: `layer-${folder}`,
    comment: `${folder}/ may import anything but ${forbidden}`,
    severity: 'error',
    from: { path: `^${folder}/`, pathNot: [testFiles] },
    to: { path: forbidden },
  };
}

function driverRule([name, { modules, folders }]) {
  const either = modules.join('|');
  return {
    name: `driver-${name}`,
    comment: `${modules.join(', ')}: only in ${folders}`,
    severity: 'error',
    from: { path: `^(${known})/`, pathNot: [folders, testFiles, '^tests/', '^benchmarks/'] },
    to: { path: `(^|/)node_modules/(@types/)?(${either})/|^(node:)?(${either})(/|$)` },
  };
}

const rules = [
  {
    name: 'engine-by-name',
    comment: 'An engine is imported by its own folder, the composition roots, benchmarks and tests.',
    severity: 'error',
    from: {
      path: `^(${known})/`,
      pathNot: [testFiles, engines, '^(services|cli|benchmarks|tests|examples)/'],
    },
    to: { path: engines },
  },
  {
    name: 'engine-to-engine',
    comment: 'One engine never imports another: what both need is a port or belongs to streams/.',
    severity: 'error',
    from: { path: '^(brokers|sinks|stores)/([^/]+)/', pathNot: [testFiles] },
    to: { path: engines, pathNot: ['^$1/$2/'] },
  },
  {
    name: 'production-to-test',
    comment: 'What runs in production needs no test, no suite and no fixture.',
    severity: 'error',
    from: { pathNot: [testFiles, '^(tests|conformance|benchmarks)/', '[.]config[.]ts$'] },
    to: { path: `${testFiles}|^(tests|conformance)/` },
  },
  {
    name: 'production-to-development',
    comment: 'A package of devDependencies is missing where only production packages are installed.',
    severity: 'error',
    from: {
      path: `^(${known})/`,
      pathNot: [testFiles, '^(tests|conformance|benchmarks)/', '[.]config[.]ts$'],
    },
    to: { dependencyTypes: ['npm-dev'] },
  },
  {
    name: 'package-not-declared',
    comment: 'A package that package.json does not name is there by chance.',
    severity: 'error',
    from: {},
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'folder-without-layer',
    comment: 'A new folder gets its place among the layers of this file first.',
    severity: 'error',
    from: { path: '/', pathNot: [`^(${known})/`, 'node_modules/', '^[.]'] },
    to: {},
  },
  {
    name: 'circular',
    comment: 'Two files that need each other are one file, or need a third.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'unresolvable',
    comment: 'The import names nothing on disk.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
];

module.exports = {
  forbidden: [
    ...Object.entries(layers).map(layerRule),
    ...Object.entries(roots).map(rootRule),
    ...Object.entries(drivers).map(driverRule),
    ...rules,
  ],
  options: {
    exclude: { path: '(^|/)known-bad/|^(dashboard/)?dist/|^[.]openframe/|^benchmarks/results/' },
    doNotFollow: { path: 'node_modules' },
    moduleSystems: ['es6', 'cjs'],
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.d.ts', '.json'],
    },
  },
};
