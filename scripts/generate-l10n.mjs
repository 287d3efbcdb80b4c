/**
 * Gathers the texts of client/ for whoever translates them: `l10n/bundle.l10n.json`. Says where a text is made up at run time, which
 * can't be translated. `--check` writes nothing and exits 1 if something would change.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './setup.mjs';

const folder = join(root, 'client');
const texts = new Set();
let wrong = false;
for (const name of readdirSync(folder, { recursive: true }).sort()) {
  if (!name.endsWith('.ts')) continue;
  const source = ts.createSourceFile(name, readFileSync(join(folder, name), 'utf8'), ts.ScriptTarget.Latest, true);
  const visit = node => {
    if (ts.isCallExpression(node) && /^(?:vscode\.l10n\.)?t$/.test(node.expression.getText(source))) {
      const [text] = node.arguments;
      if (text && ts.isStringLiteralLike(text)) texts.add(text.text);
      else {
        wrong = true;
        console.error(`client/${name}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}: a text that is made up can't be translated`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}
const sorted = Object.fromEntries([...texts].sort().map(text => [text, text]));
const after = `${JSON.stringify(sorted, null, 2)}\n`;
const file = join(root, 'l10n/bundle.l10n.json');
const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
if (wrong) process.exit(1);
if (before === after) process.exit(0);
if (process.argv.includes('--check')) {
  console.error('l10n/bundle.l10n.json is out of date: npm run generate');
  process.exit(1);
}
mkdirSync(join(root, 'l10n'), { recursive: true });
writeFileSync(file, after);
console.log(`l10n/bundle.l10n.json: ${texts.size} texts`);
