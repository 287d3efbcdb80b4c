/** Places where `${{ }}` is pasted into code: `run:` scripts and the scripts of actions/github-script. */
import type { Fix, RuleContext } from '../../engine/rule';
import type { Taint } from '../../catalog/contexts';
import { expressionsOf, type Expression } from '../../workflow/expressions';
import type { Step } from '../../workflow/model';
import { asMapping, type Entry, type ScalarNode } from '../../workflow/nodes';
import { shellOf } from '../../workflow/scripts';
import { hoistFix } from './hoist';
import { javascriptReplacer } from './hoist-javascript';
import { isSplit, shellReplacer } from './hoist-shell';
import { githubScript } from './taint';
import { workflowShell } from './workflow-facts';

export interface Sink {
  readonly entry: Entry;
  readonly scalar: ScalarNode;
  readonly expressions: readonly Expression[];
  /** Who reads the text: `the shell`, `JavaScript`. */
  readonly reader: string;
  /** Moves an expression into the environment; undefined where that can't be done. `words`: the value can be several words. */
  fix(expression: Expression, taint: Taint, words: boolean): Fix | undefined;
}

/** Undefined for a step without a script that holds expressions. */
export function sinkOf(context: Pick<RuleContext, 'query'>, step: Step): Sink | undefined {
  if (step.run) {
    const { entry, scalar } = step.run, expressions = expressionsOf(scalar);
    if (expressions.length === 0) return undefined;
    return {
      entry, scalar, expressions, reader: 'the shell',
      fix(expression, taint, words) {
        const { shell, certain } = shellOf(step, step.job ? context.query(workflowShell) ?? undefined : undefined);
        if (!certain) return undefined;
        const replace = shellReplacer(scalar.value, shell, { split: words });
        const fix = replace && hoistFix(step, entry, scalar, expression, taint, replace);
        // Quotes inside the value were read by the shell until now.
        return fix && words && isSplit(scalar.value, shell, expression.start) ? { ...fix, safety: 'unsafe' } : fix;
      },
    };
  }
  const scalar = githubScript(step);
  const entry = asMapping(step.with?.value)?.entries.find(e => e.key.value.toLowerCase() === 'script');
  const expressions = scalar ? expressionsOf(scalar) : [];
  if (!scalar || !entry || expressions.length === 0) return undefined;
  return { entry, scalar, expressions, reader: 'JavaScript', fix: (expression, taint) => hoistFix(step, entry, scalar, expression, taint, javascriptReplacer(scalar.value)) };
}
