import { taintOfPath, type TaintKind } from '../../../../rules/catalog/contexts';
import { effectivePermissions, triggerFacts } from '../../../../rules/workflow/effective';
import { expressionsOf, expressionSpan, pathOf, walkExpr, type Expr } from '../../../../rules/workflow/expressions';
import type { Job } from '../../../../rules/workflow/model';
import type { FileContext } from '../context';
import { permissionsInWords } from '../inlay-hints';
import { escape } from '../markdown';
import { scalarAt } from '../places';
import { contains, type HoverPart } from './part';

const CARRIES: Readonly<Record<TaintKind, string>> = {
  text: 'any text at all', ref: 'the name of a branch, which can hold quotes, `$` and backticks', email: 'an address of mail, as they wrote it',
  path: 'a path, as they named it', serialised: 'JSON with texts of theirs in it',
};

/** Who controls what an expression reads. */
export function contextParts(context: FileContext, offset: number): HoverPart[] {
  const { document } = context.file;
  const found = scalarAt(document, offset);
  if (!found) return [];
  const { scalar, key } = found;
  let best: { readonly node: Expr; readonly start: number; readonly end: number } | undefined;
  for (const { root } of expressionsOf(scalar, { bare: key === 'if' })) {
    for (const node of walkExpr(root)) {
      if (!pathOf(node)) continue;
      const span = expressionSpan(scalar, node);
      if (!document.has(span)) continue;
      const range = document.range(span);
      // The longest path through the place: parents come first.
      if (contains(range, offset) && !best) best = { node, ...range };
    }
  }
  if (!best) return [];
  const path = pathOf(best.node)!;
  const text = aboutPath(context, path, offset);
  return text ? [{ text: [`**${escape(document.text.slice(best.start, best.end))}**`, text].join('\n\n'), range: { start: best.start, end: best.end } }] : [];
}

function aboutPath(context: FileContext, path: readonly string[], offset: number): string | undefined {
  const { document } = context.file;
  const [root, first] = path;
  if (root === 'github' && first === 'token') return aboutToken(context, offset);
  if (root === 'secrets' && first === 'github_token') return aboutToken(context, offset);
  if (root === 'github') return aboutGithub(path, document.workflow ? triggerFacts(document.workflow).events : undefined);
  switch (root) {
    case 'secrets': return 'Set by whoever manages secrets of the repository, organisation or environment. Its value is masked in logs, not in artifacts or caches, and never there for a pull request from a fork.';
    case 'vars': return 'Set by whoever manages the settings of the repository, organisation or environment. Not masked in logs.';
    case 'env': return 'Set by `env` above, or by an earlier step of the job through `$GITHUB_ENV`: as trustworthy as whatever wrote it.';
    case 'inputs': return aboutInputs(context);
    case 'steps': return `Written by the step${first ? ` \`${escape(first)}\`` : ''} of this job: as trustworthy as what that step read. In a script, pass it through \`env\`.`;
    case 'needs': return `Comes from the job${first ? ` \`${escape(first)}\`` : ''}: as trustworthy as what that job read. Outputs are text; in a script, pass them through \`env\`.`;
    case 'matrix': case 'strategy': return 'From the matrix of this job: fixed by this file, unless the matrix itself is made by an expression.';
    case 'runner': case 'job': case 'jobs': return 'Set by the runner, not by outsiders.';
    default: return undefined;
  }
}

function aboutGithub(path: readonly string[], events: readonly string[] | undefined): string {
  const at = { start: 0, end: 0 };
  const here = taintOfPath(path, path.length === 1 || path.at(-1) === '*', events, at);
  if (here) {
    const on = here.events.length > 0 ? ` on ${here.events.map(e => `\`${e}\``).join(', ')}` : '';
    return `**Controlled by ${here.who}**${on}: ${CARRIES[here.kind]}. Inside a script it becomes part of the code: pass it through \`env\` and use the variable.`;
  }
  const anywhere = taintOfPath(path, false, undefined, at);
  if (anywhere) return `Nothing that starts this workflow fills it. Elsewhere it is controlled by ${anywhere.who}.`;
  const last = path.at(-1);
  if (last === 'actor' || last === 'triggering_actor') return 'The account that acted last. A bot\'s name here does not say that the bot wrote the code: somebody else can make it act.';
  if (path[1] === 'event') return 'From the event\'s payload. No text of an outsider is known to stand here.';
  return 'Set by GitHub. No text of an outsider is known to stand here.';
}

function aboutInputs({ file: { document } }: FileContext): string {
  if (document.action) return 'Given by the workflow that uses this action: as trustworthy as what it passes on. In a script, pass it through `env`.';
  const { callable, events } = triggerFacts(document.workflow);
  const by = [
    ...(events.includes('workflow_dispatch') ? ['whoever starts the run by hand, which takes write access'] : []),
    ...(callable ? ['the workflow that calls this one, which may pass on what outsiders wrote'] : []),
  ];
  return `Given by ${by.join(', or by ') || 'nobody: nothing that starts this workflow has inputs'}. In a script, pass it through \`env\`.`;
}

function aboutToken({ file: { document } }: FileContext, offset: number): string {
  const job = document.workflow?.jobs.find((j: Job) => contains(document.range(j.entry), offset));
  const may = document.workflow ? permissionsInWords(effectivePermissions(job, document.workflow)) : undefined;
  return `The token that GitHub makes for each job and takes back when it ends.${may ? ` It may here: ${may}.` : ''}`;
}
