import { defineRule, type Fix } from '../../engine/rule';
import type { Step } from '../../workflow/model';
import type { ScalarNode } from '../../workflow/nodes';
import { mayTouch } from '../../workflow/edits';
import { mapsExactly, valueRangeSpan } from '../../workflow/scalar-map';
import { written } from '../shared/hoist';
import { circumstances, flowsOf, githubScript, localOf, ownerOfStep, type Flow, type StepWrite } from '../shared/taint';

/** Variables that make programs run code or load files. */
const POWERFUL = /^(?:PATH|BASH_ENV|ENV|SHELLOPTS|LD_\w+|DYLD_\w+|NODE_OPTIONS|PYTHON(?:PATH|STARTUP|HOME)|PERL5(?:LIB|OPT)|RUBY(?:OPT|LIB)|JAVA_TOOL_OPTIONS|GIT_\w+|IFS|PROMPT_COMMAND)$/i;

export default defineRule({
  id: 'env-file-injection',
  category: 'injection',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds what outsiders write, or files of another run, written to `$GITHUB_ENV` so that it can set further variables.',
    why: 'A line break in the value begins a new line of the file: `LD_PRELOAD` or `NODE_OPTIONS` then runs code in each later step.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#multiline-strings',
      'https://securitylab.github.com/resources/github-actions-new-patterns-and-mitigations/',
    ],
    standards: ['SEC-4', 'STRIDE T', 'STRIDE E'],
  },
  messages: {
    line: '`{source}` goes into `$GITHUB_ENV` here, and {who} writes it: a line break in it sets any variable for the steps that follow. Write it between random delimiters, or give it to the steps that need it.',
    name: 'Lines of `{source}` go into `$GITHUB_ENV` as they are, and {who} writes them: any variable can be set for the steps that follow. Take the one value that you need, and check it first.',
    powerful: '`{variable}` decides what later steps run, and is set from `{source}`, which {who} writes. Set it to a value of your own.',
  },
  aliases: { zizmor: ['github-env'], codeql: ['actions/envvar-injection/critical', 'actions/envvar-injection/medium'] },
  create(context) {
    return {
      step(step, { action }) {
        const owner = ownerOfStep(step, action), scalar = step.run?.scalar ?? githubScript(step);
        if (!owner || !scalar) return;
        const local = localOf(owner), writes = local.writes(step, 'env');
        if (writes.length === 0) return;
        context.instance();
        const index = owner.steps.indexOf(step), seen = new Set<string>();
        for (const write of writes) {
          if (write.values.length === 0 || seen.has(`${write.start}`)) continue;
          const powerful = write.name !== undefined && POWERFUL.test(write.name);
          // Between delimiters that nobody can guess nothing gets out.
          if (write.fence === 'random' && !powerful) continue;
          const flow = flowsOf(context, owner, local.values(write.values, index)).find(f => powerful || escapes(f));
          if (!flow) continue;
          seen.add(`${write.start}`);
          const fix = powerful ? undefined : fenced(step, scalar, write);
          const { adjust, related } = circumstances(context, step, flow);
          const title = flow.origin.flat && !powerful;
          const data = { source: flow.origin.what, who: flow.origin.who };
          context.report({
            at: valueRangeSpan(scalar, write.start, write.end), related,
            adjust: title ? [{ by: -1, reason: 'GitHub\'s pages take titles on one line only' }, ...adjust] : adjust,
            ...(title ? { confidence: 'medium' as const } : {}),
            ...(powerful ? { messageId: 'powerful', data: { ...data, variable: write.name! } } : { messageId: write.name === undefined ? 'name' : 'line', data }),
            fixes: fix ? [fix] : [],
          });
        }
      },
    };
  },
});

/** Branch names, addresses, names of files and JSON can't hold a line break as such. */
function escapes(flow: Flow): boolean {
  const { kind, flat, what } = flow.origin;
  return kind === 'text' && (!flat || /title$/.test(what));
}

/** Unsafe: a value that set several variables on purpose sets one afterwards. */
function fenced(step: Step, scalar: ScalarNode, write: StepWrite): Fix | undefined {
  const { simple, name } = write;
  if (!simple || name === undefined || step.run?.entry.value !== scalar || scalar.anchor || !mapsExactly(scalar)) return undefined;
  const text = scalar.value, word = text.slice(simple.word.start, simple.word.end);
  if (!word.startsWith(`"${name}=`) || !word.endsWith('"') || /[\r\n]/.test(text.slice(write.start, write.end))) return undefined;
  return {
    title: `Write ${name} between random delimiters`,
    safety: 'unsafe',
    preferred: true,
    edits({ document }) {
      if (!document.has(scalar) || !mayTouch(document, scalar)) return undefined;
      const variable = /(?<!\w)DELIMITER(?!\w)/.test(text) ? 'ENV_DELIMITER' : 'DELIMITER';
      if (variable === 'ENV_DELIMITER' && text.includes(variable)) return undefined;
      const value = `"${word.slice(name.length + 2)}`;
      const target = text.slice(simple.target.start, simple.target.end);
      const random = `${variable}="$(dd if=/dev/urandom bs=15 count=1 status=none | base64)"; `;
      const lines = `echo "${name}<<$${variable}"; echo ${value}; echo "$${variable}"; } >> ${target}`;
      // A plain scalar must not begin with a brace.
      const command = scalar.style === 'plain' && write.start === 0 ? `${random}{ ${lines}` : `{ ${random}${lines}`;
      const newText = written(scalar, { start: write.start, end: write.end, newText: command });
      return newText === undefined ? undefined : [{ ...document.range(valueRangeSpan(scalar, write.start, write.end)), newText }];
    },
  };
}
