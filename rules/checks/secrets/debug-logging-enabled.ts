import { defineRule, type Fix } from '../../engine/rule';
import { deleteEntry, deleteTopLevelKey, hasOwnLineComment, mayTouch } from '../../workflow/edits';
import type { SourceDocument } from '../../workflow/document';
import type { EnvMap, EnvVariable, Script } from '../../workflow/model';
import { asMapping, type MappingNode } from '../../workflow/nodes';
import { mapsExactly, valueRangeSpan } from '../../workflow/scalar-map';
import { parseScript, partsOf, type Command, type ScriptAst } from '../../workflow/scripts';
import { shellOf } from '../../workflow/effective';
import { expressionsOf } from '../../workflow/expressions';
import { givenSecrets, secretVariables } from '../shared/secrets';

const NAMES = new Set(['ACTIONS_STEP_DEBUG', 'ACTIONS_RUNNER_DEBUG', 'RUNNER_DEBUG']);

export default defineRule({
  id: 'debug-logging-enabled',
  category: 'secrets',
  severity: 'low',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 0,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds debug logging that is always on: `ACTIONS_STEP_DEBUG: true`, and `set -x` in front of commands that are given a secret.',
    why: 'Logs are kept for months and read by everybody who can read the repository, and masking only hides a secret where it stands letter for letter.',
    references: [
      'https://docs.github.com/en/actions/how-tos/monitor-workflows/enable-debug-logging',
      'https://docs.github.com/en/actions/reference/security/secure-use#use-secrets-for-sensitive-information',
    ],
    standards: ['SEC-6', 'SEC-10', 'STRIDE I'],
  },
  messages: {
    variable: '`{name}` writes what actions do in detail into the log of each run. Remove it, and tick "Enable debug logging" when re-running a failed job instead.',
    trace: '`{option}` prints each command with the values of its variables, and `{command}` is given the secret `{secret}`: masking misses it once it is encoded, cut or escaped. Remove it, or put `set +x` in front.',
  },
  keepsState: true,
  create(context) {
    const check = (env: EnvMap | undefined, owner: MappingNode | undefined): void => {
      for (const variable of env?.variables ?? []) {
        if (!NAMES.has(variable.name.toUpperCase())) continue;
        context.instance();
        if (isOn(variable)) context.report({ at: variable.entry, messageId: 'variable', data: { name: variable.name }, fixes: [removal(env!, variable, owner)] });
      }
    };
    let top: EnvMap | undefined;
    return {
      workflow(workflow) {
        top = workflow.env;
        check(workflow.env, undefined);
      },
      job(job) { check(job.env, job.node); },
      step(step) { check(step.env, step.node); },
      script(script) {
        const { scalar, step } = script;
        if (!/\bset\s+-|\bset\s+.*xtrace/.test(scalar.value)) return;
        const { shell } = shellOf(step, step.job, null);
        const ast = parseScript(scalar.value, shell === 'unknown' ? 'bash' : shell);
        if (ast.dialect !== 'posix' || ast.errors.length > 0 || !ast.commands.some(c => c.options.xtrace === true)) return;
        context.instance();
        const variables = new Map([top, step.job?.env, step.env].flatMap(secretVariables).map(v => [v.name, v.secrets[0]!.name] as const));
        const pasted = expressionsOf(scalar).flatMap(e => givenSecrets(e).slice(0, 1).map(s => ({ at: e.start, name: s.name })));
        for (const command of ast.commands) {
          if (command.options.xtrace !== true) continue;
          const secret = secretIn(command, variables, pasted);
          const on = secret && ast.commands.filter(c => c.name === 'set' && c.end <= command.start && turnsOn(c)).at(-1);
          if (!secret || !on) continue;
          const fix = withoutTrace(script, ast, on);
          context.report({
            at: valueRangeSpan(scalar, on.start, on.end), messageId: 'trace',
            data: { option: ast.text.slice(on.start, on.end), command: command.name ?? short(ast.text.slice(command.start, command.end)), secret },
            related: [{ at: valueRangeSpan(scalar, command.start, command.end), message: 'Printed with its values' }], fixes: fix ? [fix] : [],
          });
          return;
        }
      },
    };
  },
});

function isOn({ value }: EnvVariable): boolean { return value !== undefined && /^(?:true|1)$/i.test(value.value.trim()); }

function short(text: string): string {
  const line = text.split('\n', 1)[0]!;
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}

/** The first secret that a command is given in its words. Redirections are not traced, and `test` says nothing but its result. */
function secretIn(command: Command, variables: ReadonlyMap<string, string>, pasted: readonly { readonly at: number; readonly name: string }[]): string | undefined {
  for (const word of [...command.words, ...command.assignments.map(a => a.value)]) {
    for (const part of partsOf(word)) {
      if (part.kind === 'parameter' && variables.has(part.name)) return variables.get(part.name);
    }
    const text = pasted.find(p => word.start <= p.at && p.at < word.end);
    if (text) return text.name;
  }
  return undefined;
}

/** `-x`, `-eux`, `-o xtrace`. */
function turnsOn(command: Command): boolean {
  const words = command.words.slice(1).map(w => w.literal ?? '');
  return words.some((w, i) => /^-\w*x\w*$/.test(w) || (w === 'xtrace' && /^-\w*o$/.test(words[i - 1] ?? '')));
}

/** Removing `x` from other flags, or a line that says nothing else. */
function withoutTrace({ scalar, entry }: Script, ast: ScriptAst, on: Command): Fix | undefined {
  if (entry.value !== scalar || scalar.anchor || !mapsExactly(scalar)) return undefined;
  const change = traceEdit(ast.text, on);
  if (!change || (change.wholeLine && scalar.style !== 'literal')) return undefined;
  // Each end by itself: the end of a range that ends with a line is where the line ends, not where the next one begins.
  const offset = (document: SourceDocument, at: number): number => document.range(valueRangeSpan(scalar, at, at)).start;
  return {
    title: 'Remove -x', safety: 'safe', preferred: true,
    edits: ({ document }) => (document.has(scalar) && mayTouch(document, scalar)
      ? [{ start: offset(document, change.start), end: offset(document, change.end), newText: '' }] : undefined),
  };
}

function traceEdit(text: string, on: Command): { readonly start: number; readonly end: number; readonly wholeLine: boolean } | undefined {
  const flags = on.words.slice(1);
  const word = flags.find(w => /^-\w*x\w*$/.test(w.literal ?? ''));
  if (flags.length === 1) {
    const own = /^-x$/.test(word?.literal ?? '');
    if (word && !own) {
      const at = text.indexOf('x', word.start);
      return { start: at, end: at + 1, wholeLine: false };
    }
    const from = text.lastIndexOf('\n', on.start - 1) + 1, next = text.indexOf('\n', on.end);
    const alone = next > 0 && text.slice(from, on.start).trim() === '' && text.slice(on.end, next).trim() === '';
    // Only at the left edge: there the next line's first character can take its place.
    return own && alone && from === on.start && /^\S/.test(text.slice(next + 1, next + 2)) ? { start: on.start, end: next + 1, wholeLine: true } : undefined;
  }
  if (!word || word.literal === '-x') return undefined;
  const at = text.indexOf('x', word.start);
  return at < word.end ? { start: at, end: at + 1, wholeLine: false } : undefined;
}

function removal(env: EnvMap, variable: EnvVariable, owner: MappingNode | undefined): Fix {
  return {
    title: `Remove ${variable.name}`,
    safety: 'safe',
    preferred: true,
    edits({ document }) {
      const map = asMapping(env.entry.value);
      if (!map || map !== env.entry.value) return undefined;
      if (map.entries.length > 1 || hasOwnLineComment(document, env.entry)) return deleteEntry(document, variable.entry, map);
      return owner ? deleteEntry(document, env.entry, owner) : deleteTopLevelKey(document, env.entry);
    },
  };
}
