/**
 * Builds `rules/catalog/data/events.json` from the schema of GitHub's own workflow parser (`@actions/workflow-parser`): the events that
 * start workflows, their activity types, and the keys that may stand below each.
 *
 *   node scripts/generate-events.mjs [--check]
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emit, root } from './registry.mjs';

const { definitions } = JSON.parse(readFileSync(join(root, 'node_modules/@actions/workflow-parser/dist/workflow-v1.0.min.json'), 'utf8'));

/** Names of definitions that a definition stands for, through `one-of`. */
const oneOf = name => definitions[name]?.['one-of']?.flatMap(oneOf) ?? [name];

function valuesOf(name) {
  const lists = oneOf(name).map(n => definitions[n]?.['allowed-values']).filter(Boolean);
  return lists[0] ?? [];
}

function describe(definition) {
  const mapping = oneOf(definition).map(n => definitions[n]?.mapping?.properties).find(Boolean);
  if (!mapping) return { keys: [] };
  return { ...(mapping.types ? { types: valuesOf(mapping.types) } : {}), keys: Object.keys(mapping) };
}

const events = Object.entries(definitions['on-mapping-strict'].mapping.properties).sort(([a], [b]) => (a < b ? -1 : 1));
const lines = events.map(([name, definition]) => `${JSON.stringify(name)}:${JSON.stringify(describe(definition))}`);
const stale = emit('rules/catalog/data/events.json', `{\n${lines.join(',\n')}\n}\n`, process.argv.includes('--check'));
if (stale && process.argv.includes('--check')) process.exitCode = 1;
