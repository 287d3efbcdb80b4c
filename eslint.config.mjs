import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Who may import whom. `from` is what `target` must not import; `except` what of it it may. */
const layers = [
  ['./client', './server', 'The client shares the types and method names of server/protocol.ts, nothing else.', ['./protocol.ts']],
  ['./client', './rules', 'The client shows; it computes nothing.'],
  ['./server', './client', 'The server knows no editor.'],
  ['./rules', './server', 'Rules do no I/O.'],
  ['./rules', './client', 'Rules know no editor.'],
  ['./rules/workflow', './rules/engine', 'The model of a file knows no rules.'],
  ['./rules/workflow', './rules/catalog', 'The model of a file knows nothing of the world.'],
  ['./rules/workflow', './rules/checks', 'The model of a file knows no rules.'],
  ['./rules/workflow', './rules/practices', 'The model of a file knows no practices.'],
  ['./rules/workflow', './rules/repository', 'The model of a file knows one file.'],
  ['./rules/workflow', './rules/scorecard', 'The model of a file knows no scores.'],
  ['./rules/catalog', './rules/checks', 'The catalogue is data.'],
  ['./rules/catalog', './rules/practices', 'The catalogue is data.'],
  ['./rules/catalog', './rules/scorecard', 'The catalogue is data.'],
  ['./rules/engine', './rules/practices', 'The engine runs whatever it is given.'],
  ['./rules/engine', './rules/scorecard', 'The engine runs whatever it is given.'],
  ['./rules/repository', './rules/checks', 'The repository is what checks look at.'],
  ['./rules/repository', './rules/practices', 'The repository is what practices look at.'],
  ['./rules/repository', './rules/scorecard', 'The repository is what the scorecard looks at.'],
  ['./rules/checks', './rules/practices', 'Checks and practices meet in the scorecard.'],
  ['./rules/practices', './rules/checks', 'Checks and practices meet in the scorecard.', ['./shared']],
  ['./rules/checks', './rules/scorecard', 'A check knows nothing of its weight.'],
  ...['workflow', 'catalog', 'repository', 'engine', 'checks', 'practices', 'scorecard', 'harden'].map(room => [`./rules/${room}`, './rules/reports', 'Reports are made from everything else.']),
  ...['workflow', 'catalog', 'repository', 'engine', 'checks', 'practices', 'scorecard'].map(room => [`./rules/${room}`, './rules/harden', 'Hardening puts the others to use.']),
  ['./rules/practices', './rules/scorecard', 'A practice knows nothing of its weight.'],
];

const PURE = 'rules/ runs in a browser worker: no Node, no editor, no connection.';

export default tseslint.config(
  { ignores: ['dist/', 'out/', 'coverage/', '.cache/', 'node_modules/', 'test/extension/host/node_modules/', 'test/extension/workspace/', 'test/extension/ui/empty/', 'sample/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strict],
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver': { node: { extensions: ['.ts', '.mjs', '.js', '.json'] } }, 'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] } },
    rules: {
      'eqeqeq': 'error',
      'no-console': 'off',
      'no-control-regex': 'error',
      'no-eval': 'error',
      'no-new-func': 'error',
      'max-len': ['error', { code: 220, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
      'prefer-const': 'error',
      // An index inside its bounds is `undefined` for the type-checker alone; a loop over characters can't afford to ask.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', prefer: 'type-imports', disallowTypeAnnotations: false }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-restricted-paths': ['error', { zones: layers.map(([target, from, message, except]) => ({ target, from, message, ...(except ? { except } : {}) })) }],
    },
  },
  {
    // What a type-checker finds and a reader doesn't: promises that nobody waits for.
    files: ['client/**/*.ts', 'server/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ['rules/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', {
        paths: [{ name: 'yaml', message: 'Only rules/workflow/parse knows the YAML library.' }],
        patterns: [{ group: ['node:*', 'vscode', 'vscode-*', 'fs', 'fs/*', 'path', 'os', 'crypto', 'child_process', 'http', 'https', 'url', 'util'], message: PURE }],
      }],
      'no-restricted-globals': ['error', ...['process', 'Buffer', 'require', '__dirname', '__filename', 'global', 'fetch', 'setImmediate'].map(name => ({ name, message: PURE }))],
    },
  },
  {
    files: ['rules/workflow/parse/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group: ['node:*', 'vscode', 'vscode-*'], message: PURE }] }] },
  },
  {
    files: ['client/**/*.ts'],
    rules: {
      // One file may need Node: the rest of the client must run in a browser, too.
      'no-restricted-imports': ['error', { patterns: [{ group: ['node:fs', 'node:fs/*', 'node:path', 'node:child_process'], message: 'Files are read through vscode.workspace.fs: the workspace may be a virtual one.' }] }],
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    rules: { 'eqeqeq': 'error', 'prefer-const': 'error', 'no-unused-vars': ['error', { argsIgnorePattern: '^_' }], 'no-undef': 'off', 'no-eval': 'error' },
  },
  {
    // The page is built from text nodes. Whatever reads HTML would read what a stranger's repository says.
    files: ['media/*.js'],
    rules: {
      'no-restricted-properties': ['error', ...['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'write', 'setHTMLUnsafe', 'srcdoc'].map(property => ({ property, message: 'Use element() from dom.js.' }))],
    },
  },
);
