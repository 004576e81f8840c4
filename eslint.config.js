import { builtinModules } from 'node:module';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const environment = {
  property: {
    object: 'process',
    property: 'env',
    message: 'Settings are read in services/ alone; take plain values as arguments.',
  },
  imports: ['node:process', 'process'].map((name) => ({
    name,
    importNames: ['env'],
    message: 'Settings are read in services/ alone; take plain values as arguments.',
  })),
};

const takeClock = 'Take a Clock (streams/clock.ts), so that a test owns time.';
const takeRandom = 'Take a Random (streams/random.ts), so that a run repeats from its seed.';
const machine = {
  properties: [
    { object: 'Date', property: 'now', message: takeClock },
    { object: 'performance', property: 'now', message: takeClock },
    { object: 'process', property: 'hrtime', message: takeClock },
    { object: 'Math', property: 'random', message: takeRandom },
  ],
  syntax: [
    { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: takeClock },
    { selector: 'CallExpression[callee.name="Date"]', message: takeClock },
  ],
  imports: ['node:perf_hooks', 'perf_hooks'].map((name) => ({
    name,
    importNames: ['performance'],
    message: takeClock,
  })),
};

const namedOnly = 'Export by name: a name is found by searching for it.';
const defaultExports = [
  { selector: 'ExportDefaultDeclaration', message: namedOnly },
  { selector: 'ExportSpecifier[exported.name="default"]', message: namedOnly },
];

const language = [
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals: an enum is not erasable syntax.' },
  { selector: 'TSModuleDeclaration[kind="namespace"]', message: 'Use a module: it is a file.' },
  { selector: 'ExportAllDeclaration', message: 'No barrels: import from the file that declares the name.' },
  {
    selector: 'TSAsExpression > TSAsExpression > TSUnknownKeyword',
    message: 'Narrow the value (zod, a type guard) instead of casting through unknown.',
  },
];

const everyTestRuns =
  'Every test runs: remove it, mend it, or name a deviation of the engine with its reason.';
const tests = [
  {
    selector:
      'MemberExpression[object.name=/^(it|test|describe|suite|bench)$/][property.name=/^(only|skip|todo)$/]',
    message: everyTestRuns,
  },
  { selector: 'CallExpression[callee.name=/^x(it|test|describe)$/]', message: everyTestRuns },
  {
    selector:
      'CallExpression[callee.name=/^(it|test|describe|suite)$/] > ObjectExpression > Property[key.name=/^(only|skip|todo)$/] > Literal[value=true]',
    message: everyTestRuns,
  },
];

const hostileMarkup = 'Text from a device is hostile: let React escape it.';
const markup = [
  { selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]', message: hostileMarkup },
  { selector: 'Property[key.name="dangerouslySetInnerHTML"]', message: hostileMarkup },
  { selector: 'MemberExpression[property.name=/^(innerHTML|outerHTML|srcdoc)$/]', message: hostileMarkup },
  { selector: 'CallExpression[callee.property.name="insertAdjacentHTML"]', message: hostileMarkup },
];

const prefixed = builtinModules
  .filter((name) => !name.startsWith('node:') && !name.startsWith('_'))
  .map((name) => ({ name, message: `Write node:${name}.` }));

/**
 * The restrictions of one zone. A later zone replaces an earlier one whole, so each states all of its own; a rule
 * without options would keep the earlier zone's, hence `off`.
 */
function restrict({ environmentAllowed, machineAllowed, defaultAllowed, skipAllowed, more = [] } = {}) {
  const properties = [
    ...(environmentAllowed ? [] : [environment.property]),
    ...(machineAllowed ? [] : machine.properties),
  ];
  const paths = [
    ...(environmentAllowed ? [] : environment.imports),
    ...(machineAllowed ? [] : machine.imports),
    ...prefixed,
  ];
  const syntax = [
    ...language,
    ...(skipAllowed ? [] : tests),
    ...(defaultAllowed ? [] : defaultExports),
    ...(machineAllowed ? [] : machine.syntax),
    ...more,
  ];
  return {
    'no-restricted-properties': properties.length === 0 ? 'off' : ['error', ...properties],
    'no-restricted-imports': ['error', { paths }],
    'no-restricted-syntax': ['error', ...syntax],
  };
}

const testFiles = ['**/*.{test,fixture}.{ts,tsx}', 'tests/**/*.ts', 'conformance/**/*.ts'];
const programs = ['cli/**/*.ts', 'services/**/*.ts', 'benchmarks/**/*.ts', 'examples/**/*.ts'];

export default defineConfig(
  globalIgnores(['**/dist/', '**/node_modules/', '**/known-bad/', 'benchmarks/results/', '.openframe/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{js,cjs,mjs,ts,tsx}'],
    rules: {
      'max-lines': ['error', { max: 300 }],
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-ignore': true, 'ts-expect-error': true, 'ts-nocheck': true, 'ts-check': false },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/return-await': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // An async function over a synchronous engine (node:sqlite) turns what it throws into a rejection.
      '@typescript-eslint/require-await': 'off',
      // Our ports are objects of closures (createX), so a method taken off one keeps working.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-eval': 'error',
      'no-new-func': 'error',
      ...restrict(),
    },
  },
  {
    files: ['streams/clock.ts', ...testFiles],
    rules: restrict({ machineAllowed: true }),
  },
  { files: testFiles, rules: { 'max-lines-per-function': 'off' } },
  // The one place that skips a law, and only for a deviation with a reason.
  { files: ['conformance/laws.ts'], rules: restrict({ machineAllowed: true, skipAllowed: true }) },
  { files: programs, rules: { 'no-console': 'off', ...restrict({ machineAllowed: true }) } },
  // What starts processes as a user does hands its own environment on.
  {
    files: ['services/**/*.ts', 'tests/support/platform-process.ts'],
    rules: restrict({ machineAllowed: true, environmentAllowed: true }),
  },
  {
    files: ['dashboard/**/*.{ts,tsx}'],
    rules: {
      ...restrict({ machineAllowed: true, more: markup }),
      // An event handler of React has nobody to await it; `void` says so.
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true }],
    },
  },
  {
    files: ['**/*.config.ts'],
    rules: restrict({ machineAllowed: true, environmentAllowed: true, defaultAllowed: true }),
  },
);
