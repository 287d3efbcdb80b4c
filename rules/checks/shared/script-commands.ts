/** The commands of a step as plain words, for tables that are keyed by them. */
import { parseScript, shellOf, type Word } from '../../workflow/scripts';
import type { Job, Script, Step } from '../../workflow/model';

export interface PlainCommand {
  /** Undefined where only the shell knows it (`$CMD x`). */
  readonly name?: string;
  /** Quotes removed; words that only the shell knows stay as written (`$IMAGE`, `ghcr.io/${{ github.repository }}`). */
  readonly args: readonly string[];
}

export interface PlainScript {
  readonly commands: readonly PlainCommand[];
  /** False for a language that isn't read, and for text with errors: there may be more commands. */
  readonly complete: boolean;
}

/** The commands of a step's script, those of substitutions and functions included. `workflowShell`: `defaults.run.shell` of the file. */
export function plainScript(step: Step, workflowShell: string | null): PlainScript {
  if (!step.run) return NOTHING;
  if (last.job !== step.job || last.workflowShell !== workflowShell) last = { job: step.job, workflowShell, scripts: new Map() };
  let script = last.scripts.get(step);
  if (!script) last.scripts.set(step, script = read(step, step.run, workflowShell));
  return script;
}

const NOTHING: PlainScript = { commands: [], complete: true };
/** Rules look at one job after the other, several of them at all its steps: what is kept for longer only takes memory. */
let last: { readonly job: Job | undefined; readonly workflowShell: string | null; readonly scripts: Map<Step, PlainScript> } = {
  job: undefined, workflowShell: null, scripts: new Map(),
};

function read(step: Step, run: Script, workflowShell: string | null): PlainScript {
  const text = run.scalar.value;
  const ast = parseScript(text, shellOf(step, workflowShell ?? undefined).shell);
  const commands = ast.commands.filter(c => c.words.length > 0).map(c => ({ name: c.name, args: c.words.slice(1).map(w => plain(w, text)) }));
  return { commands, complete: ast.dialect !== 'opaque' && ast.errors.length === 0 };
}

function plain(word: Word, text: string): string {
  return word.literal ?? text.slice(word.start, word.end).replace(/^["'](.*)["']$/s, '$1');
}
