import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Parser, parse } from 'yaml';
import type { SourceDocument } from '../../../../rules/workflow/document';
import type { Entry, MappingNode, ScalarNode, SequenceItem, SequenceNode, YamlNode } from '../../../../rules/workflow/nodes';
import { roots } from '../../../../rules/workflow/edits/place';

export type Json = null | string | number | boolean | Json[] | { [key: string]: Json };
export type JsonPath = readonly (string | number)[];

/** Remembers the last few answers: the same text is asked about for many edits in a row. */
function remembered<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return text => {
    if (!known.has(text)) {
      if (known.size > 8) known.delete(known.keys().next().value!);
      known.set(text, make(text));
    }
    return known.get(text)!;
  };
}

/** The plain value of a file, aliases written out. Shared: not to be changed. */
export const valueOf = remembered(readValue);
function readValue(text: string): Json {
  return JSON.parse(JSON.stringify(parse(text, { uniqueKeys: false, maxAliasCount: -1, logLevel: 'silent' }) ?? null)) as Json;
}

/** Every comment of a file, sorted, read by the YAML library itself. */
export const commentsOf = remembered(readComments) as (text: string) => readonly string[];
function readComments(text: string): string[] {
  const found: string[] = [];
  const visit = (x: unknown): void => {
    if (Array.isArray(x)) x.forEach(visit);
    else if (typeof x === 'object' && x !== null) {
      const t = x as { type?: unknown; source?: unknown };
      if (t.type === 'comment' && typeof t.source === 'string') found.push(t.source.trimEnd());
      else Object.values(x).forEach(visit);
    }
  };
  for (const token of new Parser().parse(text)) visit(token);
  return found.sort();
}

/** A copy of `root` with what stands at `path` changed; `change` gets the holder and the last part of the path. */
export function changed(root: Json, path: JsonPath, change: (holder: Record<string | number, Json>, key: string | number) => void): Json {
  const box = JSON.parse(JSON.stringify({ root })) as Record<string | number, Json>;
  let holder: Record<string | number, Json> = box;
  const full = ['root', ...path];
  for (const part of full.slice(0, -1)) holder = holder[part] as unknown as Record<string | number, Json>;
  change(holder, full.at(-1)!);
  return box['root']!;
}

export type Place =
  | { readonly kind: 'mapping'; readonly path: JsonPath; readonly node: MappingNode }
  | { readonly kind: 'entry'; readonly path: JsonPath; readonly entry: Entry; readonly parent?: MappingNode }
  | { readonly kind: 'sequence'; readonly path: JsonPath; readonly node: SequenceNode }
  | { readonly kind: 'item'; readonly path: JsonPath; readonly item: SequenceItem; readonly parent: SequenceNode }
  | { readonly kind: 'scalar'; readonly path: JsonPath; readonly node: ScalarNode };

/** Every place of a document with its path in the plain value, aliases not followed. */
export function placesOf(doc: SourceDocument): Place[] {
  const places: Place[] = [];
  const node = (n: YamlNode | null, path: JsonPath): void => {
    if (!n || n.kind === 'alias') return;
    if (n.kind === 'scalar') places.push({ kind: 'scalar', path, node: n });
    else if (n.kind === 'mapping') {
      places.push({ kind: 'mapping', path, node: n });
      for (const e of n.entries) entry(e, path, n);
    } else {
      places.push({ kind: 'sequence', path, node: n });
      n.items.forEach((item, i) => {
        places.push({ kind: 'item', path: [...path, i], item, parent: n });
        node(item.value, [...path, i]);
      });
    }
  };
  const entry = (e: Entry, path: JsonPath, parent?: MappingNode): void => {
    const own = [...path, e.key.value];
    places.push({ kind: 'entry', path: own, entry: e, parent });
    node(e.value, own);
  };
  if (doc.root) node(doc.root, []);
  else for (const e of roots(doc)) entry(e, doc.entries.includes(e) ? [] : ['jobs']);
  return places;
}

const corpus = process.env['CI_HARDENING_CORPUS'] ?? resolve(__dirname, '../../../../../shared/corpus');
export const corpusReason = existsSync(corpus) ? undefined : 'no corpus of real workflows beside the project';

/** Paths of real workflows, smallest part of the path first, none where the corpus is absent. */
export function corpusWorkflows(): string[] {
  if (corpusReason) return [];
  return readdirSync(corpus).sort().flatMap(repo => {
    const dir = join(corpus, repo, '.github/workflows');
    return existsSync(dir) ? readdirSync(dir).filter(f => /\.ya?ml$/.test(f)).sort().map(f => join(dir, f)) : [];
  });
}

export function readText(path: string): string { return readFileSync(path, 'utf8'); }
