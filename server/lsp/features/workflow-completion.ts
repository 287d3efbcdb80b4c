import { CompletionItemKind, MarkupKind, type CompletionItem, type TextEdit as LspEdit } from 'vscode-languageserver';
import type { OffsetRange } from '../../../rules';
import { lookupAction, resolvePin, SCOPES, scopeInfo } from '../../../rules/catalog';
import { VERSION_COMMENT } from '../../../rules/checks/shared/pinning';
import type { Job } from '../../../rules/workflow/model';
import { toRange } from '../positions';
import { rangeIn, worldOf, type FileContext } from './context';
import { Needs } from './need';

/** More versions than these are a list to scroll, not a choice. */
const MOST_VERSIONS = 15;

/** What nobody else completes: the commits behind an action's versions, and scopes of `permissions` with what needs them. */
export function workflowCompletion(context: FileContext, offset: number): CompletionItem[] {
  const { text } = context.file.document;
  const start = Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1;
  const before = text.slice(start, offset);
  const rest = /^[^\r\n]*/.exec(text.slice(offset))![0];
  return pins(context, offset, before, rest) ?? permissions(context, offset, start, before) ?? [];
}

function pins({ file: { document }, client }: FileContext, offset: number, before: string, rest: string): CompletionItem[] | undefined {
  const found = /^\s*(?:-\s+)?uses:\s+(['"]?)([\w.-]+)\/([\w.-]+)((?:\/[\w./-]+)?)@([\w./-]*)$/.exec(before);
  if (!found) return undefined;
  const [, quote = '', owner = '', repo = '', , typed = ''] = found;
  const after = /^[\w./-]*/.exec(rest)![0];
  const place: OffsetRange = { start: offset - typed.length, end: offset + after.length };
  const behind = rest.slice(after.length);
  const tail = new RegExp(`^${quote}(\\s*)(#.*)?$`).exec(behind);
  const comment = tail?.[2];
  // A comment that says something else is left to whoever wrote it, and without its place a version can't be named.
  const names = tail !== null && (comment === undefined || VERSION_COMMENT.test(comment.slice(1).trim()));
  const versions = lookupAction(owner, repo)?.versions ?? [];
  const offers = versions.flatMap(version => {
    const pin = resolvePin(owner, repo, version);
    // Where another version would be pinned in its place this one isn't sound.
    return pin && pin.note === undefined && pin.version === version ? [pin] : [];
  }).slice(0, MOST_VERSIONS);
  return offers.map(({ sha, version }, i): CompletionItem => {
    const inline = names && quote === '' && comment === undefined;
    const more: LspEdit[] = !names || inline ? [] : [{ range: toRange(document, { start: place.end + quote.length, end: place.end + behind.length }, client.encoding), newText: ` # ${version}` }];
    const end = inline ? place.end + behind.length : place.end;
    return {
      label: version, kind: CompletionItemKind.Constant, detail: `pin to ${sha.slice(0, 7)}`, sortText: `0${String(i).padStart(4, '0')}`, filterText: version,
      documentation: { kind: MarkupKind.Markdown, value: `\`${owner}/${repo}@${sha}\`\n\nThe commit of \`${version}\`, which a tag that is moved later can't change.` },
      textEdit: { range: toRange(document, { start: place.start, end }, client.encoding), newText: inline ? `${sha} # ${version}` : sha },
      ...(more.length > 0 ? { additionalTextEdits: more } : {}),
    };
  });
}

function permissions(context: FileContext, offset: number, lineStart: number, before: string): CompletionItem[] | undefined {
  const { document } = context.file;
  const line = /^(\s+)([\w-]*)(:\s+)?(\w*)$/.exec(before);
  if (!document.workflow || !line) return undefined;
  const [, indent = '', name = '', colon, level = ''] = line;
  const parent = parentOf(document.text, lineStart, indent.length);
  if (parent?.key !== 'permissions') return undefined;
  const job = document.workflow.jobs.find(j => { const { start, end } = document.range(j.entry); return start <= parent.at && parent.at <= end; });
  const needs = new Needs(worldOf(context.file));
  const jobs = job ? [job] : document.workflow.jobs.filter(j => !j.permissions);
  const rest = /^[\w-]*/.exec(document.text.slice(offset))![0];
  const range = (typed: string) => rangeIn(context, { start: offset - typed.length, end: offset + rest.length });
  if (colon !== undefined) return levels(name, whoNeeds(needs, jobs, name), range(level));
  const taken = siblings(document.text, lineStart, indent.length);
  const items = SCOPES.filter(s => !taken.has(s.name)).map(scope => {
    const need = whoNeeds(needs, jobs, scope.name);
    const access = need.access ?? (scope.values.includes('read') ? 'read' : 'write');
    return {
      needed: need.access !== undefined,
      item: {
        label: scope.name, kind: CompletionItemKind.Property, sortText: `${need.access ? 0 : 1}${scope.name}`, ...(need.access ? { preselect: true } : {}),
        detail: need.text ?? 'nothing here is known to need it',
        ...(scope.risk ? { documentation: { kind: MarkupKind.Markdown, value: `With \`write\`, whoever gets hold of the token can: ${scope.risk}.` } } : {}),
        textEdit: { range: range(name), newText: `${scope.name}: ${access}` },
      } satisfies CompletionItem,
    };
  });
  // GitHub's own extension completes the names; what is needed only we know.
  return (context.repository.settings.officialExtension ? items.filter(i => i.needed) : items).map(i => i.item);
}

function levels(scope: string, need: { access?: string; text?: string }, range: ReturnType<typeof rangeIn>): CompletionItem[] {
  const info = scopeInfo(scope);
  return (info?.values ?? []).map((value, i) => ({
    label: value, kind: CompletionItemKind.EnumMember, sortText: `${value === need.access ? 0 : 1}${i}`,
    detail: value === need.access ? need.text ?? '' : value === 'write' ? info?.risk ?? '' : '', textEdit: { range, newText: value },
  }));
}

/** The most that any of the jobs needs of a scope, and a line on who that is. */
function whoNeeds(needs: Needs, jobs: readonly Job[], scope: string): { access?: string; text?: string } {
  const asking = jobs.flatMap(job => (needs.of(job).scopes[scope] ? needs.askers(job, scope).map(a => ({ ...a, job: job.id })) : []));
  const access = asking.some(a => a.access === 'write') ? 'write' : asking[0]?.access;
  if (access === undefined) return {};
  const what = [...new Set(asking.filter(a => a.access === access).map(a => a.what))];
  const shown = what.slice(0, 2).map(w => (w.length > 40 ? `${w.slice(0, 40)}…` : w)).join(', ');
  return { access, text: `${access}: needed by ${shown}${what.length > 2 ? ` and ${what.length - 2} more` : ''}` };
}

/** The key that a line stands under, by indentation alone: the line is half-typed. */
function parentOf(text: string, lineStart: number, indent: number): { readonly key: string; readonly at: number } | undefined {
  for (let end = lineStart; end > 0;) {
    const start = Math.max(text.lastIndexOf('\n', end - 2), text.lastIndexOf('\r', end - 2)) + 1;
    const line = text.slice(start, end).replace(/[\r\n]+$/, '');
    end = start;
    const found = /^(\s*)([\w-]+):\s*(?:#.*)?$/.exec(line);
    if (/^\s*(?:#|$)/.test(line)) continue;
    const own = line.length - line.trimStart().length;
    if (own < indent) return found ? { key: found[2]!, at: start + own } : undefined;
  }
  return undefined;
}

function siblings(text: string, lineStart: number, indent: number): Set<string> {
  const found = new Set<string>();
  const take = (line: string): boolean => {
    if (/^\s*(?:#|$)/.test(line)) return true;
    if (line.length - line.trimStart().length < indent) return false;
    const key = /^\s*([\w-]+):/.exec(line)?.[1];
    if (key !== undefined) found.add(key);
    return true;
  };
  text.slice(0, lineStart).split(/\r\n|\r|\n/).slice(0, -1).reverse().every(take);
  text.slice(lineStart).split(/\r\n|\r|\n/).slice(1).every(take);
  return found;
}
