/**
 * Finds rule and practice files by their place: `rules/checks/<category>/<id>.ts` and `rules/practices/<category>/<id>.ts`.
 * What stands in `shared/`, or deeper, is help and no rule. Pure functions over the file system; the writers are beside it.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** The two registries: where they are, what makes a member, and what the list is called. */
export const REGISTRIES = [
  { dir: 'rules/checks', define: 'defineRule', list: 'RULES', type: 'AnyRule', from: '../engine/rule', what: 'rule' },
  { dir: 'rules/practices', define: 'definePractice', list: 'PRACTICES', type: 'PracticeDefinition', from: './practice', what: 'practice' },
];

/**
 * Members of a registry, sorted by id: `{ id, category, file, import }`. `file` is relative to the root; `import` is the import clause.
 * @returns {{ id: string, category: string, file: string, clause: string, name: string }[]}
 */
export function members({ dir, define }, from = root) {
  const base = join(from, dir);
  if (!existsSync(base)) return [];
  const found = [];
  for (const category of readdirSync(base, { withFileTypes: true })) {
    if (!category.isDirectory() || category.name === 'shared') continue;
    for (const name of readdirSync(join(base, category.name))) {
      if (!name.endsWith('.ts') || name.endsWith('.d.ts')) continue;
      const file = `${dir}/${category.name}/${name}`;
      const id = name.slice(0, -3);
      const source = readFileSync(join(from, file), 'utf8');
      const clause = importClause(source, id, define);
      if (!clause) throw new Error(`${file}: exports no \`${define}(…)\`. Helpers belong into a \`shared/\` folder.`);
      found.push({ id, category: category.name, file, name: camel(id), clause });
    }
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

function importClause(source, id, define) {
  if (/^export default\b/m.test(source) || /\bas default\b/.test(source)) return camel(id);
  const named = [...source.matchAll(new RegExp(`^export const (\\w+)[^=\\n]*= ${define}\\b`, 'gm'))];
  if (named.length !== 1) return undefined;
  const name = named[0][1];
  return name === camel(id) ? `{ ${name} }` : `{ ${name} as ${camel(id)} }`;
}

/** `pin-actions` → `pinActions`; a reserved word or a digit at the start gets an underscore. */
export function camel(id) {
  const name = id.replace(/-(\w)/g, (_all, c) => c.toUpperCase());
  return /^\d/.test(name) ? `_${name}` : name;
}

/** Writes a file, or with `check` says whether it would change. Returns true where the file is not as it should be. */
export function emit(file, text, check) {
  const path = join(root, file);
  const now = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  if (now === text) return false;
  if (check) console.error(`${file} is out of date`);
  else writeFileSync(path, text);
  return true;
}
