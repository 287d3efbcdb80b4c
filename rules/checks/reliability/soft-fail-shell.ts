import { defineRule, type Fix } from '../../engine/rule';
import type { Script } from '../../workflow/model';
import type { Span } from '../../workflow/nodes';
import { mapsExactly, valueRangeSpan } from '../../workflow/scalar-map';
import { failureIgnored, parseScript, partsOf, type Command, type Pipeline, type ScriptAst } from '../../workflow/scripts';
import { shellOf } from '../../workflow/effective';
import { commandKinds } from '../shared/command-kind';
import { stepKinds, type JobKind } from '../shared/job-kind';
import { workflowShell } from '../shared/workflow-facts';

/** Deployments are left out: `kubectl create … || true` is how one says "unless it is there already". */
const GATES: readonly JobKind[] = ['test', 'lint', 'scan', 'migrate'];
const NEVER_FAILS = /^(?:--exit-zero|--soft-fail|--no-fail|--exit-0)$/;
const EXIT_CODE = /^(?:--exit-code|--issues-exit-code)$/;

/** Most scripts hold nothing that could be found here, and need no second look. */
const SUSPICIOUS = /\|\||set \+|--exit-zero|--soft-fail|--no-fail|--exit-0|exit-code/;

interface Gate { readonly script: Script; readonly ast: ScriptAst; readonly command: Command; readonly kind: JobKind }
/** Offsets in the script's text. */
interface Soft { readonly start: number; readonly end: number; readonly what: string; readonly fix?: { readonly title: string; readonly start: number; readonly end: number; readonly newText: string } }

export default defineRule({
  id: 'soft-fail-shell',
  category: 'reliability',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds gate commands whose failure the script throws away, such as `npm audit || true`.',
    why: 'The step is green whatever the command says, and nothing tells a reviewer so.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#exit-codes-and-error-action-preference',
      'https://www.gnu.org/software/bash/manual/html_node/Lists.html',
    ],
    standards: ['SEC-1'],
  },
  messages: {
    swallowed: '`{what}` throws away the failure of `{command}` ({kind}), so the step is green whatever it says. Let it fail, or record the result and fail later.',
    flag: '`{what}` tells `{command}` ({kind}) never to fail, so the step is green whatever it finds. Set it to fail.',
  },
  aliases: {},
  keepsState: true,
  create(context) {
    const scripts: Script[] = [];
    let suspicious = false;
    return {
      script(script) {
        if (!GATES.some(k => stepKinds(script.step).has(k))) return;
        context.instance();
        scripts.push(script);
        suspicious ||= SUSPICIOUS.test(script.scalar.value);
      },
      end() {
        if (!suspicious) return;
        const gates = scripts.flatMap(script => gatesOf(script, context.query(workflowShell)));
        const programs = gates.map(({ command }) => ({ program: command.name ?? '', soft: softFlag(command) !== undefined }));
        for (const gate of gates) {
          const { script, command, kind } = gate;
          const flag = softFlag(command);
          // A first run that only reports, and a second one that decides.
          const decidedElsewhere = flag && programs.some(p => p.program === command.name && !p.soft);
          const soft = swallowed(gate) ?? withoutErrexit(gate) ?? (decidedElsewhere || isReport(command) ? undefined : flag);
          if (!soft) continue;
          const fixes = soft.fix && mapsExactly(script.scalar) ? [edit(script, soft.fix)] : [];
          context.report({
            at: span(script, soft.start, soft.end), messageId: soft === flag ? 'flag' : 'swallowed', step: script.step, job: script.step.job,
            data: { what: soft.what, command: shown(gate), kind }, fixes,
          });
        }
      },
    };
  },
});

function gatesOf(script: Script, workflowDefault: string | null): Gate[] {
  const { shell } = shellOf(script.step, script.step.job, workflowDefault);
  const ast = parseScript(script.scalar.value, shell === 'unknown' ? 'bash' : shell);
  if (ast.dialect !== 'posix' || ast.errors.length > 0) return [];
  return ast.commands.flatMap(command => {
    const kind = gateKind(command);
    return kind ? [{ script, ast, command, kind }] : [];
  });
}

function gateKind(command: Command): JobKind | undefined {
  const words = command.words.map(w => w.literal);
  const kinds = commandKinds(words);
  const kind = GATES.find(k => kinds.includes(k));
  return kind === 'lint' && isFormatter(words) ? undefined : kind;
}

/** Rewrites files rather than judging them. */
function isFormatter(words: readonly (string | undefined)[]): boolean {
  const has = (pattern: RegExp) => words.some(w => w !== undefined && pattern.test(w));
  if (has(/^(?:--fix|--fix-only|--write|-w|-i|--in-place|--apply|--autofix|-a|-A|--auto-correct|--autocorrect)$/)) return true;
  return has(/^(?:black|isort|prettier|clang-format|fmt|format|pre-commit)$/) && !has(/^(?:--check|--check-only|-c|-l|--list-different|--diff|--dry-run|--verify-no-changes|--Werror|-n)$/);
}

/** `gate || true` and its like. Undefined where the failure is kept somewhere. */
function swallowed({ ast, command }: Gate): Soft | undefined {
  const { pipeline } = command, { list } = pipeline;
  if (list.condition || list.inside === 'substitution' || keepsOutput(pipeline) || isReport(command)) return undefined;
  const at = list.pipelines.indexOf(pipeline);
  const or = list.operators.indexOf('||', at);
  // Only where nothing but the excuse follows.
  if (at < 0 || or < 0 || or !== list.operators.length - 1) return undefined;
  const excuse = list.pipelines[or + 1]!, before = list.pipelines[or]!;
  if (!isHarmless(excuse)) return undefined;
  const start = ast.text.indexOf('||', before.end);
  if (start < 0 || start >= excuse.start) return undefined;
  return { start, end: excuse.end, what: short(ast.text.slice(start, excuse.end)), fix: { title: 'Let it fail', start: before.end, end: excuse.end, newText: '' } };
}

function isHarmless(pipeline: Pipeline): boolean {
  const [only, ...more] = pipeline.parts;
  if (only?.kind !== 'command' || more.length > 0 || only.assignments.length > 0) return false;
  // What is written to a file is kept; `>&2` is not.
  if (only.redirections.some(r => r.target && r.operator.startsWith('>') && !/^\d$|^\/dev\//.test(r.target.literal ?? 'x'))) return false;
  const args = only.words.slice(1).map(w => w.literal);
  if (only.name === 'true' || only.name === ':' || only.name === 'echo' || only.name === 'printf') return !only.words.some(w => readsStatus(w.parts));
  return (only.name === 'exit' || only.name === 'return') && args.length === 1 && args[0] === '0';
}

/** `> report.json`, `| tee log`: somebody may judge the output later. */
function keepsOutput(pipeline: Pipeline): boolean {
  return pipeline.parts.some(p => (p.kind === 'command' && p.name === 'tee')
    || p.redirections.some(r => r.operator.includes('>') && r.target && !/^\d$|^\/dev\//.test(r.target.literal ?? 'x')));
}

function isReport(command: Command): boolean {
  return command.words.some(w => w.literal !== undefined && /^(?:-o|--out|--output|--output-file|--outfile|--report|--report-path|--sarif-file|--json-file)(?:=|$)|sarif/.test(w.literal));
}

/** Under `set +e`, with commands behind it, and nobody looks at `$?`. */
function withoutErrexit({ ast, command }: Gate): Soft | undefined {
  if (command.options.errexit !== false || command.pipeline.list.inside === 'substitution' || command.functions.length > 0) return undefined;
  if (failureIgnored(command) || keepsOutput(command.pipeline) || isReport(command)) return undefined;
  const later = ast.commands.filter(c => c.start >= command.end);
  if (!later.some(c => c.name !== undefined && c.name !== 'set')) return undefined;
  if (ast.commands.some(c => c.start >= command.start && [...c.words, ...c.assignments.map(a => a.value)].some(w => readsStatus(w.parts)))) return undefined;
  const off = ast.commands.filter(c => c.name === 'set' && c.end <= command.start && c.words.some(w => /^\+[a-z]*e/.test(w.literal ?? ''))).at(-1);
  if (!off) return undefined;
  const fix = ast.text.slice(off.start, off.end) === 'set +e' ? { title: 'Let failures fail (set -e)', start: off.start, end: off.end, newText: 'set -e' } : undefined;
  return { start: off.start, end: off.end, what: short(ast.text.slice(off.start, off.end)), fix };
}

function readsStatus(parts: Parameters<typeof partsOf>[0]): boolean {
  for (const p of partsOf(parts)) if (p.kind === 'parameter' && (p.name === '?' || p.name === 'PIPESTATUS')) return true;
  return false;
}

/** `--exit-zero`, `--exit-code 0`. */
function softFlag(command: Command): Soft | undefined {
  for (const [i, word] of command.words.entries()) {
    const text = word.literal, previous = command.words[i - 1];
    if (text === undefined || !previous) continue;
    if (NEVER_FAILS.test(text)) return { start: word.start, end: word.end, what: text, fix: { title: `Remove ${text}`, start: previous.end, end: word.end, newText: '' } };
    if (EXIT_CODE.test(previous.literal ?? '') && text === '0') {
      return { start: previous.start, end: word.end, what: `${previous.literal} 0`, fix: { title: `Set ${previous.literal} to 1`, start: word.start, end: word.end, newText: '1' } };
    }
    const [name, value] = text.split('=');
    if (EXIT_CODE.test(name ?? '') && value === '0') {
      return { start: word.start, end: word.end, what: text, fix: { title: `Set ${name} to 1`, start: word.start, end: word.end, newText: `${name}=1` } };
    }
  }
  return undefined;
}

function shown({ ast, command }: Gate): string {
  const words = command.words.slice(0, 3);
  return short(ast.text.slice(command.words[0]!.start, words.at(-1)!.end));
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}

function span(script: Script, start: number, end: number): Span { return valueRangeSpan(script.scalar, start, end); }

function edit(script: Script, { title, start, end, newText }: NonNullable<Soft['fix']>): Fix {
  return {
    title, safety: 'unsafe', preferred: true,
    edits: ({ document }) => (document.has(script.scalar) ? [{ ...document.range(span(script, start, end)), newText }] : undefined),
  };
}
