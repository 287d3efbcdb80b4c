/** Labels of runners, runtimes of actions, and versions of actions that GitHub no longer runs. */
import runnersData from './data/runners.json';
import { compareVersions, releaseNumbers } from './versions';

export interface RunnerLabel {
  readonly label: string;
  readonly os?: string;
  readonly arch?: string;
  readonly status: 'ga' | 'preview' | 'deprecated' | 'retired';
  /** The label it stands for: `ubuntu-24.04` for `ubuntu-latest`. */
  readonly aliasOf?: string;
  /** `YYYY-MM-DD`. */
  readonly deprecated?: string;
  readonly retired?: string;
  /** A label, or several with words between them. */
  readonly replacement?: string;
  /** Only for organisations that pay for it. */
  readonly larger?: boolean;
}

export interface Runtime {
  readonly using: string;
  readonly status: 'current' | 'deprecated' | 'removed';
  /** `YYYY-MM-DD`, as announced: whether it came to pass that day isn't known. */
  readonly removed?: string;
  /** `YYYY-MM-DD`: from then on GitHub's runners run it on the next one. */
  readonly replaced?: string;
}
export interface RetiredVersion { readonly since?: string; readonly effect: string }

let labels: Map<string, RunnerLabel> | undefined;

function known(): Map<string, RunnerLabel> {
  return labels ??= new Map((runnersData.labels as readonly RunnerLabel[]).map(l => [l.label.toLowerCase(), l]));
}

/** A GitHub-hosted label, whatever its case; undefined for one that isn't known: it may be somebody's own. */
export function runnerLabel(label: string): RunnerLabel | undefined {
  return known().get(label.toLowerCase());
}

/** Every GitHub-hosted label, retired ones too. */
export function runnerLabels(): readonly RunnerLabel[] {
  return [...known().values()];
}

/** Labels that every self-hosted runner may carry: `self-hosted`, `linux`, `x64`. */
export const SELF_HOSTED_LABELS: readonly string[] = runnersData.selfHosted;

/** What becomes of an action with this `runs.using`; undefined for one that never existed. */
export function runtimeStatus(using: string): Runtime | undefined {
  return (runnersData.runtimes as readonly Runtime[]).find(r => r.using === using);
}

function covers(text: string, version: readonly number[]): boolean {
  if (version.length === 0) return false;
  return text.split(/[,/]/).some(part => {
    const below = /below\s+v?([\d.]+)/.exec(part)?.[1];
    const range = /v?([\d.]+)\s*-\s*v?([\d.]+?)(?:\.x)?$/.exec(part.trim());
    if (below) return compareVersions(version, releaseNumbers(below)) < 0;
    if (range) {
      const last = releaseNumbers(range[2] ?? '');
      const upTo = [...last.slice(0, -1), (last.at(-1) ?? 0) + 1];
      return compareVersions(version, releaseNumbers(range[1] ?? '')) >= 0 && compareVersions(version, upTo) < 0;
    }
    return releaseNumbers(part.trim()).every((n, i) => version[i] === n) && releaseNumbers(part.trim()).length > 0;
  });
}

/** Whether GitHub no longer runs (or has announced not to run) a version of an action; `version` is a full tag such as `v3.1.2`. */
export function retiredVersion(owner: string, repo: string, version: string): RetiredVersion | undefined {
  const name = `${owner}/${repo}`.toLowerCase();
  const numbers = releaseNumbers(version);
  const found = runnersData.retiredVersions.find(r => r.action === name && covers(r.versions, numbers));
  return found && { since: 'since' in found ? found.since : undefined, effect: found.effect };
}
