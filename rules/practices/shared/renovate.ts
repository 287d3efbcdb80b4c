/** Renovate, as far as its settings in the repository say what it does. */
import type { Repository } from '../../repository';

/** Where Renovate looks, in its order: https://docs.renovatebot.com/configuration-options/ */
const FILES = ['renovate.json', 'renovate.json5', '.github/renovate.json', '.github/renovate.json5', '.gitlab/renovate.json', '.gitlab/renovate.json5',
  '.renovaterc', '.renovaterc.json', '.renovaterc.json5'];
/** Turns all updates off but those that an advisory asks for. */
export const SECURITY_ALONE = 'security:only-security-updates';

export interface Renovate {
  readonly path: string;
  /** Without comments that fill a line; undefined where it can't be read. */
  readonly text?: string;
}

export function renovateOf(repo: Repository): Renovate | undefined {
  const path = FILES.find(f => repo.has(f));
  if (path === undefined) return undefined;
  return { path, text: repo.read(path)?.split('\n').filter(l => !/^\s*\/\//.test(l)).join('\n') };
}

/** A preset of somebody's own, which lies in another repository and may say anything: `github>owner/repo`, `local>…`, an address, a package. */
export function borrowed(renovate: Renovate): string | undefined {
  const text = renovate.text ?? '';
  for (const list of text.matchAll(/["']?extends["']?\s*:\s*\[([^\]]{0,4000})\]/g))
    for (const preset of list[1]!.matchAll(/["']([^"'\n]{1,300})["']/g))
      if (/^(?:github|gitlab|gitea|forgejo|bitbucket|local)>|^https?:\/\/|^@[\w-]+(?:\/|$)|^[\w.-]+\/[\w.-]+$/.test(preset[1]!)) return preset[1]!;
  return undefined;
}

/** It proposes updates of everything, and not those of advisories alone. */
export function updatesAll(renovate: Renovate): boolean {
  return !(renovate.text ?? '').includes(SECURITY_ALONE);
}

/** It asks OSV’s database for advisories, and proposes what mends them. */
export function readsAdvisories(renovate: Renovate): boolean {
  const text = renovate.text ?? '';
  return /["']?osvVulnerabilityAlerts["']?\s*:\s*true/.test(text) || (text.includes(SECURITY_ALONE) && !/["']?osvVulnerabilityAlerts["']?\s*:\s*false/.test(text));
}

/** The settings with OSV asked for, as the first of them; undefined where they are no JSON, or say something else about it already. */
export function withAdvisories(source: string): string | undefined {
  let settings: unknown;
  try {
    settings = JSON.parse(source.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings) || 'osvVulnerabilityAlerts' in settings) return undefined;
  const at = source.indexOf('{') + 1, empty = Object.keys(settings).length === 0;
  const before = /^[ \t]*\r?\n[ \t]*/.exec(source.slice(at))?.[0] ?? ' ';
  return `${source.slice(0, at)}${empty ? ' ' : before}"osvVulnerabilityAlerts": true${empty ? ' ' : ','}${source.slice(at)}`;
}
