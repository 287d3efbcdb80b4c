import { defineRule, type Fix } from '../../engine/rule';
import { mayTouch } from '../../workflow/edits';
import type { Step } from '../../workflow/model';
import type { ScalarNode } from '../../workflow/nodes';
import { mapsExactly, valueRangeSpan } from '../../workflow/scalar-map';
import { commandsAt, parseScript, shellOf, type Command, type ScriptAst } from '../../workflow/scripts';
import { written } from '../shared/hoist';
import { workflowShell } from '../shared/workflow-facts';

const FILES: Readonly<Record<string, string>> = { 'set-output': 'GITHUB_OUTPUT', 'save-state': 'GITHUB_STATE', 'set-env': 'GITHUB_ENV', 'add-path': 'GITHUB_PATH' };

export default defineRule({
  id: 'deprecated-commands',
  category: 'injection',
  severity: 'low',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds `::set-output`, `::save-state`, `::set-env` and `::add-path` in scripts.',
    why: 'Whatever a step prints can hold such a command, so that a log line sets outputs; GitHub has switched two of them off and will end the others.',
    references: [
      'https://github.blog/changelog/2022-10-11-github-actions-deprecating-save-state-and-set-output-commands/',
      'https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/',
    ],
    standards: ['SEC-7'],
  },
  messages: {
    deprecated: '`::{command}` is deprecated, because anything that a step prints can hold it. Write to `${file}` instead.',
  },
  aliases: { actionlint: ['deprecated-commands'] },
  create(context) {
    return {
      script({ scalar, step }) {
        const text = scalar.value;
        if (!text.includes('::')) return;
        const places = [...text.matchAll(/::(set-output|save-state|set-env)[ \t]+name=|::(add-path)::/g)];
        if (places.length === 0) return;
        const { shell, certain } = shellOf(step, step.job ? context.query(workflowShell) ?? undefined : undefined);
        const ast = parseScript(text, shell);
        let comment = 0;
        for (const place of places) {
          while ((ast.comments[comment]?.end ?? Infinity) <= place.index) comment++;
          if ((ast.comments[comment]?.start ?? Infinity) <= place.index) continue;
          context.instance();
          const command = (place[1] ?? place[2])!, file = FILES[command]!;
          const fix = certain && ast.dialect !== 'opaque' ? toFile(step, scalar, ast, shell, place.index, command, file) : undefined;
          context.report({
            at: valueRangeSpan(scalar, place.index, place.index + 2 + command.length), messageId: 'deprecated', data: { command, file }, tag: 'deprecated',
            fixes: fix ? [fix] : [],
          });
        }
      },
    };
  },
});

/** Characters that the old command decodes and the file takes as they are. */
const ENCODED = /%(?:0[AaDd]|25)/;

function toFile(step: Step, scalar: ScalarNode, ast: ScriptAst, shell: string, at: number, name: string, file: string): Fix | undefined {
  const change = step.run?.entry.value === scalar && !scalar.anchor && mapsExactly(scalar) ? rewritten(ast, shell, at, name, file) : undefined;
  if (!change) return undefined;
  return {
    title: `Write to $${file} instead`,
    // The old command dropped what came behind a line break; the file refuses it.
    safety: change.constant ? 'safe' : 'unsafe',
    preferred: true,
    edits({ document }) {
      if (!document.has(scalar) || !mayTouch(document, scalar)) return undefined;
      const newText = written(scalar, { start: change.start, end: change.end, newText: change.newText });
      return newText === undefined ? undefined : [{ ...document.range(valueRangeSpan(scalar, change.start, change.end)), newText }];
    },
  };
}

interface Change { readonly start: number; readonly end: number; readonly newText: string; readonly constant: boolean }

/** `echo "::set-output name=a::$B"` as `echo "a=$B" >> "$GITHUB_OUTPUT"`; undefined where that could mean something else. */
function rewritten(ast: ScriptAst, shell: string, at: number, name: string, file: string): Change | undefined {
  const command = commandsAt(ast, at).at(-1), { text } = ast;
  if (!command || ast.errors.length > 0 || ENCODED.test(text) || !prints(command, ast, shell)) return undefined;
  const first = command.words[1], last = command.words.at(-1);
  if (!first || !last || command.redirections.length > 0 || command.assignments.length > 0 || command.pipeline.parts.length !== 1) return undefined;
  // Output of what it stands in may go elsewhere already: `$(…)`, `{ …; } | tee`.
  for (let parent = command.pipeline.list.parent; parent; parent = parent.pipeline.list.parent) {
    if (parent.redirections.length > 0 || parent.pipeline.parts.length > 1) return undefined;
  }
  if (command.pipeline.list.inside) return undefined;
  const source = text.slice(first.start, last.end);
  const match = name === 'add-path' ? /^(["']?)::add-path::/.exec(source)
    : /^(["']?)::(?:set-output|save-state|set-env)[ \t]+name=([A-Za-z_][\w-]*)::/.exec(source);
  if (!match || first.start + match[1]!.length !== at || /[\r\n]/.test(source)) return undefined;
  const quoted = match[1] !== '' && source.endsWith(match[1]!) && command.words.length === 2;
  // Between quotes that end before the value does the rest stands as it is.
  if (match[1] !== '' && !quoted) return undefined;
  const target = ast.dialect === 'posix' ? `"$${file}"` : `$env:${file}`;
  const rest = source.slice(match[0].length);
  const constant = command.words.slice(1).every(w => w.literal !== undefined) && !rest.includes('${{');
  return { start: first.start, end: last.end, newText: `${match[1]}${match[2] === undefined ? '' : `${match[2]}=`}${rest} >> ${target}`, constant };
}

/** `echo`; Windows PowerShell would write the file as UTF-16. */
function prints(command: Command, ast: ScriptAst, shell: string): boolean {
  const name = command.name?.toLowerCase();
  if (ast.dialect === 'posix') return name === 'echo';
  return shell === 'pwsh' && (name === 'echo' || name === 'write-output');
}
