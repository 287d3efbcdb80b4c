import { scopeInfo } from '../../../../rules/catalog';
import type { Job, PermissionScope } from '../../../../rules/workflow/model';
import { worldOf, type FileContext } from '../context';
import { escape } from '../markdown';
import { Needs } from '../need';
import { permissionsIn } from '../places';
import { contains, type HoverPart } from './part';

const MOST = 5;

/** What a scope of `permissions` lets the token do, and what of this file needs it. */
export function scopeParts(context: FileContext, offset: number): HoverPart[] {
  const { document } = context.file;
  return permissionsIn(document).flatMap(({ permissions, job }) => permissions.scopes.flatMap(scope => {
    const range = document.range(scope.entry);
    const text = contains(range, offset) ? aboutScope(context, scope, job) : undefined;
    return text ? [{ text, range }] : [];
  }));
}

function aboutScope(context: FileContext, { name, access }: PermissionScope, job: Job | undefined): string | undefined {
  const info = scopeInfo(name);
  if (!info) return undefined;
  const lines = [`**permissions: ${name}**: ${escape(access)}`];
  if (info.risk) lines.push(`${access === 'write' ? 'Whoever gets hold of the token can' : 'With `write`, whoever gets hold of the token could'}: ${escape(info.risk)}.`);
  lines.push(whoNeeds(context, name, job));
  const given = [info.permissive, info.restricted, info.fork].filter(access => access !== undefined);
  if (given.length > 0 && given.every(access => access === 'none')) return [...lines, 'Without `permissions` it is never given.'].join('\n\n');
  const defaults = [
    info.permissive && `${info.permissive} where the repository's default is permissive`,
    info.restricted && `${info.restricted} where it is restricted`,
    info.fork && `at most ${info.fork} for a pull request from a fork`,
  ].filter(Boolean);
  if (defaults.length > 0) lines.push(`Without \`permissions\` it is ${defaults.join(', ')}.`);
  return lines.join('\n\n');
}

function whoNeeds({ file }: FileContext, scope: string, own: Job | undefined): string {
  const needs = new Needs(worldOf(file));
  const jobs = own ? [own] : (file.document.workflow?.jobs ?? []).filter(j => !j.permissions);
  const asking = jobs.flatMap(job => needs.askers(job, scope).map(a => `\`${a.access}\` by ${code(a.what)}${own ? '' : ` in ${code(job.id)}`}`));
  if (asking.length > 0) {
    const more = asking.length > MOST ? [`- and ${asking.length - MOST} more`] : [];
    return ['Needed:', ...asking.slice(0, MOST).map(a => `- ${a}`), ...more].join('\n');
  }
  const unknown = [...new Set(jobs.flatMap(j => { const need = needs.of(j); return [...need.unknown, ...need.handed, ...(need.optional.includes(scope) ? ['an action, under circumstances'] : [])]; }))];
  if (unknown.length > 0) return `Nothing is known to need it. It can't be told of: ${unknown.slice(0, MOST).map(code).join(', ')}.`;
  return own ? 'Nothing in this job is known to need it.' : 'No job that inherits it is known to need it.';
}

/** As code, whatever it holds. */
function code(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return `\`${short.replace(/[`\r\n]/g, ' ')}\``;
}
