/** Advisories about actions, from GitHub's database of them. */
import { isAdvisory, type PublishedAdvisory } from '../../rules/catalog';
import { limited, type ResolveOptions } from './resolve';
import { bad, isObject, pagedClient } from './rest';

const PAGES_AT_MOST = 30;
const FIRST = '/advisories?ecosystem=actions&type=reviewed&per_page=100';

/** Every reviewed advisory about an action. Throws `ResolveError`. */
export async function publishedAdvisories(options: ResolveOptions): Promise<PublishedAdvisory[]> {
  const ask = await pagedClient({ ...options, signal: () => limited(options) }, 'advisories');
  const found = new Map<string, PublishedAdvisory>();
  let route: string | undefined = FIRST;
  for (let page = 0; route !== undefined; page++) {
    const { data, next }: { data: unknown; next?: string } = await ask(route);
    if (!Array.isArray(data) || page >= PAGES_AT_MOST) throw bad('advisories');
    for (const advisory of data.flatMap(read)) found.set(`${advisory.id} ${advisory.action.toLowerCase()}`, advisory);
    route = next;
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.action < b.action ? -1 : 1));
}

/** One advisory by action that it names. One that was withdrawn, or whose versions can't be told, says nothing. */
function read(value: unknown): PublishedAdvisory[] {
  if (!isObject(value) || typeof value.ghsa_id !== 'string' || !Array.isArray(value.vulnerabilities)) throw bad('advisories');
  if (value.withdrawn_at !== null && value.withdrawn_at !== undefined) return [];
  const compromise = Array.isArray(value.cwes) && value.cwes.some(c => isObject(c) && c.cwe_id === 'CWE-506');
  const by = new Map<string, { action: string; ranges: [string, string][]; patched?: string }>();
  for (const v of value.vulnerabilities) {
    const action = isObject(v) && isObject(v.package) && v.package.ecosystem === 'actions' ? v.package.name : undefined;
    const range = isObject(v) ? rangeOf(v.vulnerable_version_range) : undefined;
    if (typeof action !== 'string' || !range) continue;
    const one = by.get(action.toLowerCase()) ?? { action, ranges: [] };
    one.ranges.push(range);
    const patched = firstPatched((v as Record<string, unknown>).first_patched_version);
    by.set(action.toLowerCase(), patched === undefined ? one : { ...one, patched });
  }
  return [...by.values()].map(({ action, ranges, patched }): unknown => ({
    action, id: value.ghsa_id, severity: value.severity, kind: compromise ? 'compromise' : 'vulnerability',
    ...(typeof value.cve_id === 'string' ? { cve: value.cve_id } : {}), ...(patched === undefined ? {} : { patched }),
    published: typeof value.published_at === 'string' ? value.published_at.slice(0, 10) : '', ranges, summary: sentence(value.summary),
  })).filter(isAdvisory);
}

const VERSION = /^\d{1,9}(?:\.\d{1,9}){0,3}$/;

/** `>= 1.0, < 2.0`, `<= 3`, `= 1.2.3`, `> 1, < 2`; undefined for anything else. */
function rangeOf(text: unknown): [string, string] | undefined {
  if (typeof text !== 'string') return undefined;
  let from = '', to: string | undefined;
  for (const part of text.split(',')) {
    const [, sign, version = ''] = /^\s*(>=|>|<=|<|=)\s*v?(\S+)\s*$/.exec(part) ?? [];
    if (sign === undefined || !VERSION.test(version)) return undefined;
    if (sign === '>=') from = version;
    // The least version above it: none of ours has five numbers.
    else if (sign === '>') from = `${[...version.split('.'), '0', '0', '0'].slice(0, 4).join('.')}.1`;
    else if (sign === '<') to = version;
    else if (sign === '<=') to = `=${version}`;
    else [from, to] = [version, `=${version}`];
  }
  return to === undefined ? undefined : [from, to];
}

/** GitHub gives a text; it has also given an object with one. */
function firstPatched(value: unknown): string | undefined {
  const text = (isObject(value) ? value.identifier : value);
  const version = typeof text === 'string' ? text.replace(/^v/, '') : '';
  return VERSION.test(version) ? version : undefined;
}

function sentence(value: unknown): string {
  const text = typeof value === 'string' ? value.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim() : '';
  const short = text.length > 200 ? `${text.slice(0, 199)}…` : text;
  return short === '' || /[.…]$/.test(short) ? short : `${short}.`;
}
