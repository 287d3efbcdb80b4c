/** Which steps bring an artifact of another run, and where they put it. */
import { asMapping, asScalar, type Entry, type Span } from '../../workflow/nodes';
import type { Step } from '../../workflow/model';
import { args, unwrap } from '../../workflow/scripts';
import { valueRangeSpan } from '../../workflow/scalar-map';
import { scriptOf } from './step-commands';

export interface Download {
  readonly step: Step;
  readonly at: Span;
  /** As it is shown: `actions/download-artifact`, `gh run download`. */
  readonly what: string;
  /** Below the workspace, or elsewhere as written (`${{ runner.temp }}/x`, `/tmp/x`); undefined for the workspace itself. */
  readonly folder?: string;
  /** The action's input for the folder, where it has one. */
  readonly input?: 'path';
}

/** Actions that bring artifacts of other runs; true where they always do, else the inputs of which one makes them. */
const ACTIONS: ReadonlyMap<string, true | readonly string[]> = new Map<string, true | readonly string[]>([
  // Without these it takes the newest run of a branch, which is the repository's own.
  ['actions/download-artifact', ['run-id']], ['dawidd6/action-download-artifact', ['run_id', 'pr', 'commit', 'allow_forks']], ['bettermarks/action-artifact-download', true], ['aochmann/actions-download-artifact', true],
  ['redhat-plumbers-in-action/download-artifact', true], ['levonet/action-download-last-artifact', true], ['marcofaggian/action-download-multiple-artifacts', true],
  ['blablacar/action-download-last-artifact', true], ['potiuk/download-artifact', true],
]);

function input(step: Step, name: string): Entry | undefined {
  return asMapping(step.with?.value)?.entries.find(e => e.key.value.toLowerCase() === name);
}
const inputText = (step: Step, name: string): string => asScalar(input(step, name)?.value)?.value ?? '';

/** The run's own number brings the run's own artifacts. */
function isSet(value: string): boolean { return value.trim() !== '' && !/github\.run_id/.test(value) && value.trim() !== 'false'; }

/** Of another repository, which its owners look after. */
function elsewhere(step: Step): boolean {
  const repository = inputText(step, 'repository') || inputText(step, 'repo');
  return repository !== '' && !repository.includes('${{');
}

/** What a step brings of another run. `later`: the steps behind it, which may unpack what it brought. */
export function download(step: Step, later: readonly Step[]): Download | undefined {
  const { uses } = step;
  if (uses?.kind === 'repository') {
    const name = uses.slug;
    const needs = ACTIONS.get(name);
    if (needs !== undefined && !elsewhere(step) && (needs === true || needs.some(n => isSet(inputText(step, n))))) {
      return { step, at: uses.scalar, what: `${uses.owner}/${uses.repo}`, folder: folderOf(inputText(step, 'path')), input: 'path' };
    }
    if (uses.repo?.toLowerCase() !== 'github-script') return undefined;
    const script = asScalar(input(step, 'script')?.value);
    const found = script && /\bdownloadArtifact\b/.exec(script.value);
    return script && found ? { step, at: valueRangeSpan(script, found.index, found.index + found[0].length), what: 'downloadArtifact', ...unpacked([step, ...later]) } : undefined;
  }
  return step.run ? byCommand(step, later) : undefined;
}

function byCommand(step: Step, later: readonly Step[]): Download | undefined {
  const { scalar } = step.run!;
  if (!/gh run download|artifacts\/|archive_download_url/.test(scalar.value)) return undefined;
  for (const command of scriptOf(step)?.commands ?? []) {
    const name = unwrap(command.words)[0]?.literal, words = args(command), at = valueRangeSpan(scalar, command.start, command.end);
    if (name === 'gh' && words[0] === 'run' && words[1] === 'download') {
      // Without a run it takes the newest of the branch, which is the repository's own.
      if (command.words.length < 4 || words[2]?.startsWith('-')) continue;
      const i = words.findIndex(w => w === '-D' || w === '--dir');
      const own = scriptOf(step)!.text.slice(command.words[i + 2]?.start ?? 0, command.words[i + 2]?.end ?? 0);
      return { step, at, what: 'gh run download', folder: i < 0 ? undefined : folderOf(words[i + 1] ?? own.replace(/["']/g, '')) };
    }
    const text = scalar.value.slice(command.start, command.end);
    if ((name === 'gh' || name === 'curl') && /artifacts\/[^\s"']{1,60}\/zip|archive_download_url/.test(text)) return { step, at, what: `${name} of an artifact`, ...unpacked([step, ...later]) };
  }
  return undefined;
}

/** Where an archive goes: `unzip x -d folder`. */
function unpacked(steps: readonly Step[]): { readonly folder?: string } {
  for (const step of steps) {
    for (const command of step.run?.scalar.value.includes('unzip') ? scriptOf(step)?.commands ?? [] : []) {
      if (unwrap(command.words)[0]?.literal !== 'unzip') continue;
      const i = command.words.findIndex(w => w.literal === '-d'), word = command.words[i + 1];
      return { folder: i < 0 || !word ? undefined : folderOf(word.literal ?? scriptOf(step)!.text.slice(word.start, word.end).replace(/["']/g, '')) };
    }
  }
  return {};
}

function folderOf(path: string): string | undefined {
  const own = path.trim().replace(/^\$\{\{\s*github\.workspace\s*\}\}\/?|^\$(?:\{GITHUB_WORKSPACE\}|GITHUB_WORKSPACE)\/?/, '').replace(/^\.\//, '').replace(/\/+$/, '');
  return own === '' || own === '.' ? undefined : own;
}
