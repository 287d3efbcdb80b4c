import fs from 'node:fs';
import path from 'node:path';
import { parseSource, type SourceDocument } from '../../../../rules/workflow';
import type { Comment, Entry, Span, SyntaxProblem, YamlNode } from '../../../../rules/workflow';
import type { Job, Workflow } from '../../../../rules/workflow';

export const WORKFLOW = '.github/workflows/ci.yml';

export const CORPUS = process.env.CI_HARDENING_CORPUS ?? path.resolve('../shared/corpus');

export interface CorpusFile { readonly name: string; readonly path: string; readonly text: string }

/** Every file of the corpus that is ours, with the path inside its repository; empty where there is no corpus. */
export function corpusFiles(): CorpusFile[] {
  if (!fs.existsSync(CORPUS)) return [];
  return fs.readdirSync(CORPUS, { recursive: true, encoding: 'utf8' }).filter(f => /\.ya?ml$/.test(f)).sort().flatMap(name => {
    const full = path.join(CORPUS, name);
    return fs.statSync(full).isFile() ? [{ name, path: name, text: fs.readFileSync(full, 'utf8') }] : [];
  });
}

export function parse(text: string, file = WORKFLOW): SourceDocument { return parseSource(file, text); }

/** Parses text with workflow path and fails if there is no workflow in it. */
export function workflow(text: string): Workflow {
  const found = parse(text).workflow;
  if (!found) throw new Error('no workflow');
  return found;
}

/** What `toJS()` of the YAML library would give. */
export function plain(node: YamlNode | null): unknown {
  if (!node) return null;
  switch (node.kind) {
    case 'alias': return node.target ? plain(node.target) : undefined;
    case 'sequence': return node.items.map(i => plain(i.value));
    case 'mapping': return object(node.entries);
    case 'scalar': return scalarValue(node.value, node.type);
  }
}

function scalarValue(value: string, type: string): unknown {
  if (type === 'null') return null;
  if (type === 'boolean') return value.toLowerCase() === 'true';
  if (type !== 'number') return value;
  if (/^0[ox]/.test(value)) return Number(value);
  if (/inf$/i.test(value)) return value.startsWith('-') ? -Infinity : Infinity;
  if (/nan$/i.test(value)) return NaN;
  return Number(value);
}

function object(entries: readonly Entry[]): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const e of entries) {
    const key = scalarValue(e.key.value, e.key.type);
    Object.defineProperty(result, key === null ? '' : String(key), {
      value: plain(e.value), enumerable: true, configurable: true, writable: true,
    });
  }
  return result;
}

/** The whole document's data, over its blocks. */
export function plainDocument(doc: SourceDocument): unknown {
  if (doc.root) return plain(doc.root);
  const result = object(doc.entries);
  const blocks = doc.blocks.filter(b => b.block.kind === 'job').map(b => b.block);
  if (blocks.length) result['jobs'] = object((doc.workflow?.jobs ?? []).map(j => j.entry));
  return result;
}

/** Everything that a document says, with absolute offsets and without shared objects. */
export function dump(doc: SourceDocument): unknown {
  const span = (s: Span) => { const r = doc.range(s); return [r.start, r.end]; };
  const node = (n: YamlNode | null): unknown => {
    if (!n) return null;
    switch (n.kind) {
      case 'alias': return { alias: n.name, at: span(n), target: n.target ? span(n.target) : null };
      case 'scalar': return { at: span(n), value: n.value, style: n.style, type: n.type, anchor: n.anchor, tag: n.tag };
      case 'mapping': return { at: span(n), flow: n.flow, anchor: n.anchor, tag: n.tag, entries: n.entries.map(entry) };
      case 'sequence': return { at: span(n), flow: n.flow, anchor: n.anchor, tag: n.tag, items: n.items.map(i => [span(i), node(i.value)]) };
    }
  };
  const entry = (e: Entry): unknown => ({
    at: span(e), key: node(e.key), colon: e.colon < 0 ? -1 : e.colon + doc.startOf(e.block), value: node(e.value),
  });
  const job = (j: Job): unknown => ({
    id: j.id, entry: entry(j.entry), needs: j.needs.map(span), permissions: j.permissions?.shape, uses: j.uses && [j.uses.text, j.uses.kind],
    steps: j.steps.map(s => ({
      index: s.index, item: span(s.item), uses: s.uses && [s.uses.text, span(s.uses.nameSpan), s.uses.comment && span(s.uses.comment)],
      run: s.run && span(s.run.scalar), group: s.group?.index, job: s.job?.id,
    })),
  });
  return {
    blocks: doc.blocks.map(b => [b.block.kind, b.start, b.block.text]),
    entries: doc.entries.map(entry),
    root: node(doc.root ?? null),
    jobs: doc.workflow?.jobs.map(job),
    triggers: doc.workflow?.triggers.map(t => [t.event, span(t.node), t.types, t.branches]),
    action: doc.action?.steps.map(s => span(s.item)),
    updates: doc.dependabot?.updates.map(u => span(u.item)),
    problems: doc.problems.map((p: SyntaxProblem) => [p.code, span(p), p.message]),
    comments: doc.comments.map((c: Comment) => [span(c), c.text, c.ownLine]),
  };
}
