/** Edits of `.github/ci-hardening.yml` that keep everything else in it as it is. */
import { lineStartsOf, type TextEdit } from '../workflow/document';
import { insertItem, insertUnder, raw, setKey, setTopLevelKey } from '../workflow/edits';
import { asMapping, asSequence, getEntry } from '../workflow/nodes';
import { parseSource } from '../workflow/parse';
import { CONFIG_PATH } from './config';
import type { Severity } from './rule';

type Document = ReturnType<typeof parseSource>;

/**
 * Gives a rule a severity, or turns it off. `text` undefined or without content: a new file. Undefined where the file can't be
 * read or is written so that nothing can be added to it; no edits where it says so already.
 */
export function severityEdit(text: string | undefined, rule: string, severity: Severity | 'off'): TextEdit[] | undefined {
  const value = raw(severity);
  const document = read(text);
  if (!document) return undefined;
  const rules = document.entries.find(e => e.key.value === 'rules');
  if (!rules) return addTop(document, 'rules', { [rule]: value }, `rules:\n  ${rule}: ${severity}\n`);
  const setting = getEntry(rules.value, rule);
  const detailed = asMapping(setting?.value);
  if (detailed) return setKey(document, detailed, 'severity', value, { before: 'options' });
  return insertUnder(document, rules, rule, value);
}

/** Ignores an id everywhere: what has no severity (a practice) is turned off by that. As `severityEdit`. */
export function ignoreEdit(text: string | undefined, id: string): TextEdit[] | undefined {
  const document = read(text);
  if (!document) return undefined;
  const ignore = document.entries.find(e => e.key.value === 'ignore');
  const fresh = `ignore:\n  - rule: ${id}\n`;
  if (!ignore) return addTop(document, 'ignore', [{ rule: id }], fresh);
  const list = asSequence(ignore.value);
  return list && insertItem(document, list, list.items.length, { rule: id });
}

function read(text: string | undefined): Document | undefined {
  // Any kind without jobs gives the plain tree.
  const document = parseSource(CONFIG_PATH, text ?? '', undefined, 'dependabot');
  return document.problems.length > 0 ? undefined : document;
}

function addTop(document: Document, key: string, value: Parameters<typeof setTopLevelKey>[2], fresh: string): TextEdit[] | undefined {
  const { text, eol, entries } = document;
  if (entries.length > 0) return setTopLevelKey(document, key, value, { after: key === 'rules' ? ['profile'] : ['rules', 'profile'] });
  // Comments alone, or nothing. Text that is no mapping is left to whoever wrote it.
  const lines = lineStartsOf(text).map((start, i, all) => text.slice(start, all[i + 1] ?? text.length));
  if (lines.some(l => !/^\s*(?:#|---\s*$|$)/.test(l.replace(/^\uFEFF/, '')))) return undefined;
  const break_ = text === '' || text === '\uFEFF' || /[\r\n]$/.test(text) ? '' : eol;
  return [{ start: text.length, end: text.length, newText: break_ + fresh.replaceAll('\n', eol) }];
}
