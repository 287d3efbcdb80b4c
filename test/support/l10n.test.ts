import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '../..');

/** Names: they are the same in every language. */
const NAMES: ReadonlySet<string> = new Set(['CI Hardening', 'Markdown', 'HTML', 'JSON']);

/** Thrown for a log, YAML, or for a read-me in the language of its project. */
const NOT_SHOWN: readonly string[] = ['The start was given up.', 'profile: recommended', '![CI hardening]({})'];
/** What these say becomes part of the server's own sentences, which are English. */
const FOR_THE_SERVER: ReadonlySet<string> = new Set(['server/list-files.ts', 'server/read-file.ts']);

interface Text { readonly text: string; readonly line: number }

/** Texts in a source file that read like words for people, without those that are given to `l10n.t`, a log, or the programme alone. */
function bareTexts(name: string, code: string): Text[] {
  const source = ts.createSourceFile(name, code, ts.ScriptTarget.Latest, true);
  const found: Text[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isPropertyAssignment(node)) {
      visit(node.initializer);
      return;
    }
    if (ts.isCaseClause(node)) {
      node.statements.forEach(visit);
      return;
    }
    if (ts.isCallExpression(node)) {
      const called = node.expression.getText(source);
      // What is logged is for whoever reads the log, and is not translated.
      if (/(?:^|\.)t$/.test(called) || /\boutput\.(?:error|warn|info|debug|trace)$/.test(called)) {
        node.arguments.slice(1).forEach(visit);
        return;
      }
    }
    const text = ts.isStringLiteralLike(node) ? node.text : ts.isTemplateExpression(node) ? [node.head, ...node.templateSpans.map(s => s.literal)].map(n => n.text).join('{}') : undefined;
    if (text !== undefined && isProse(text)) found.push({ text, line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1 });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Two words next to each other, or one that begins a sentence. */
function isProse(text: string): boolean {
  return !NAMES.has(text.trim()) && (/[A-Za-z]{2,}[,.:;!?]? [A-Za-z]{2,}/.test(text) || /^[A-Z][a-z]{2,}[.:!?…]?$/.test(text.trim()));
}

describe('texts of the extension', () => {
  it('are told from what only the programme reads', () => {
    const texts = (code: string): string[] => bareTexts('x.ts', code).map(t => t.text);
    assert.deepEqual(texts('show("Nothing to do."); item.label = `${n} rules are off`; const a = { "Not shown": "Add" }; switch (x) { case "Not this": say("Do it now"); }'), ['Nothing to do.', '{} rules are off', 'Add', 'Do it now']);
    assert.deepEqual(texts('show(vscode.l10n.t("Nothing to do.")); t("All of it"); output.error("It did not work", e); run("ciHardening.refresh", \'file:///a b\'); const k = "not-applicable";'), []);
    assert.deepEqual(texts('t("{0} of", "all of them")'), ['all of them']);
  });

  it('all come from l10n', () => {
    const folder = join(ROOT, 'client');
    const bare = readdirSync(folder, { recursive: true }).map(String).filter(name => name.endsWith('.ts') && !FOR_THE_SERVER.has(name)).sort()
      .flatMap(name => bareTexts(name, readFileSync(join(folder, name), 'utf8')).map(({ text, line }) => `client/${name}:${line} ${text}`));
    assert.deepEqual(bare.filter(b => !NOT_SHOWN.some(text => b.endsWith(` ${text}`)) && !/ <(?:!DOCTYPE|script)/.test(b)), []);
  });

  it('of the page come with its reports, so that its scripts hold none', () => {
    const folder = join(ROOT, 'media');
    const scripts = readdirSync(folder).filter(name => name.endsWith('.js'));
    assert.ok(scripts.length >= 2);
    assert.deepEqual(scripts.flatMap(name => bareTexts(name, readFileSync(join(folder, name), 'utf8'))
      // Names of classes are lower case and end without a stop.
      .filter(({ text }) => /^\s*[A-Z]|[.!?…:]\s*$/.test(text)).map(({ text, line }) => `media/${name}:${line} ${text}`)), []);
  });

  it('of the manifest all come from package.nls.json, and nothing there is left over', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { contributes: Record<string, unknown> };
    const nls = JSON.parse(readFileSync(join(ROOT, 'package.nls.json'), 'utf8')) as Record<string, string>;
    const used = new Set([...JSON.stringify(manifest).matchAll(/%([\w.]+)%/g)].map(m => m[1]!));
    assert.deepEqual([...used].filter(key => !Object.hasOwn(nls, key)), []);
    assert.deepEqual(Object.keys(nls).filter(key => !used.has(key)), []);
    const shown: string[] = [];
    const look = (value: unknown, path: string): void => {
      if (typeof value === 'string') {
        const key = path.split('.').at(-1)!;
        // Descriptions of rules are the rules' own, and what a model reads isn't shown.
        if (/^(?:title|description|markdownDescription|name|displayName|contents|label|altText|userDescription)$/.test(key) && !path.includes('inputSchema') && !/^%[\w.]+%$/.test(value)) {
          if (!path.includes('ciHardening.rules.properties') && !(path.includes('languageModelTools') && key === 'name')) shown.push(`${path}: ${value}`);
        }
      } else if (typeof value === 'object' && value !== null) for (const [key, child] of Object.entries(value)) look(child, `${path}.${key}`);
    };
    look(manifest.contributes, 'contributes');
    assert.deepEqual(shown, []);
  });
});
