/**
 * Writes the rules into the setting `ciHardening.rules` of package.json, so that settings.json completes and explains them. The texts
 * are English alone: they are the rules' own, which the server says in English, too. `--check` exits 1 if something would change.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { require as requireTs } from 'tsx/cjs/api';
import { root } from './setup.mjs';

const { RULES } = requireTs('../rules/index.ts', import.meta.url);
const file = join(root, 'package.json');
const before = readFileSync(file, 'utf8');
const manifest = JSON.parse(before);
const setting = manifest.contributes.configuration.properties['ciHardening.rules'];
setting.properties = Object.fromEntries(RULES.map(({ id, severity, docs }) => [id, {
  ...setting.additionalProperties,
  markdownDescription: `${docs.summary} Severity: ${severity}.`,
}]));
const after = `${JSON.stringify(manifest, null, 2)}\n`;

if (after === before) process.exit(0);
if (process.argv.includes('--check')) {
  console.error('The rules in package.json are out of date: npm run generate');
  process.exit(1);
}
writeFileSync(file, after);
console.log(`package.json: ${RULES.length} rules`);
