import { taintOf } from '../../catalog/contexts';
import { defineRule, type Fix } from '../../engine/rule';
import { mayTouch, replaceScalar } from '../../workflow/edits';
import { dottedPath, expressionSpan, quote, walkExpr, type Expr } from '../../workflow/expressions';
import { mapsExactly, valueRangeSpan } from '../../workflow/scalar-map';
import type { ScalarNode } from '../../workflow/nodes';
import { workflowEvents } from '../shared/workflow-facts';

type Binary = Extract<Expr, { kind: 'binary' }>;
type Literal = Extract<Expr, { kind: 'literal' }>;

export default defineRule({
  id: 'condition-unsound',
  category: 'triggers',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds expressions that look like a membership test or a choice and are neither.',
    why: '`contains` with a text as its list is true for every part of that text, the empty one included, and `a && b || c` is always c where b is empty, 0 or false.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#contains',
      'https://docs.zizmor.sh/audits/#unsound-contains',
      'https://codeql.github.com/codeql-query-help/actions/',
    ],
    standards: ['SEC-1', 'STRIDE E'],
  },
  messages: {
    contains: '`contains` looks for `{needle}` anywhere in the text \'{list}\': parts of the names pass, and so does nothing at all. Give it a list with `fromJSON`.',
    choice: 'This is never {value}: it is false, so that `||` goes on to what stands behind it. Turn the condition round.',
  },
  aliases: { zizmor: ['unsound-contains', 'unsound-ternary'], codeql: ['actions/unsound-contains'] },
  create(context) {
    return {
      expression({ expression, scalar }) {
        // Most expressions hold neither: the tree is made for those that could.
        const { source } = expression;
        const may = /contains\s*\(\s*'/i.test(source), choice = source.includes('&&') && source.includes('||');
        if ((!may && !choice) || expression.errors.length > 0) return;
        for (const node of walkExpr(expression.root)) {
          const members = may ? membership(node) : undefined;
          if (members) {
            context.instance();
            const tainted = taintOf(members.needle, context.query(workflowEvents)).length > 0;
            context.report({
              at: expressionSpan(scalar, node), messageId: 'contains',
              data: { needle: scalar.value.slice(members.needle.start, members.needle.end), list: members.list.value as string },
              adjust: tainted ? [{ by: 1, reason: 'people from outside choose what is looked for' }] : [],
              fixes: [asList(scalar, members.list, members.names)],
            });
          }
          const empty = choice ? falsyChoice(node) : undefined;
          if (empty) {
            context.instance();
            context.report({
              at: expressionSpan(scalar, empty.middle), messageId: 'choice', data: { value: scalar.value.slice(empty.middle.start, empty.middle.end) },
              fixes: turned(scalar, empty),
            });
          }
        }
      },
    };
  },
});

/** `contains('a b', path)`: a text of several names that is searched for something from outside the expression. */
function membership(node: Expr): { readonly list: Literal; readonly names: readonly string[]; readonly needle: Expr } | undefined {
  if (node.kind !== 'call' || node.name.toLowerCase() !== 'contains') return undefined;
  const [list, needle] = node.args;
  const path = needle && dottedPath(needle);
  if (list?.kind !== 'literal' || typeof list.value !== 'string' || !needle || path === undefined) return undefined;
  const names = list.value.split(/[\s,;|]+/).filter(n => n !== '');
  // `contains('["a", "b"]', x)` has lost its fromJSON.
  if (/^\s*\[.*\]\s*$/s.test(list.value)) {
    const parsed = parsedList(list.value);
    return parsed && { list, names: parsed, needle };
  }
  // Whoever writes the text writes these, too: `contains('ubuntu macos', matrix.os)`.
  return names.length > 0 && !/^(?:matrix|runner)\./.test(path) ? { list, names, needle } : undefined;
}

function parsedList(text: string): string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) && parsed.length > 0 && parsed.every(p => typeof p === 'string') ? parsed as string[] : undefined;
  } catch {
    return undefined;
  }
}

interface Choice { readonly whole: Binary; readonly condition: Expr; readonly middle: Literal; readonly otherwise: Expr }

/** `a && '' || c`. */
function falsyChoice(node: Expr): Choice | undefined {
  if (node.kind !== 'binary' || node.operator !== '||' || node.left.kind !== 'binary' || node.left.operator !== '&&') return undefined;
  const { left: condition, right: middle } = node.left;
  if (middle.kind !== 'literal' || !(middle.value === '' || middle.value === 0 || middle.value === false || middle.value === null)) return undefined;
  // `a && false || false` and the like: both ways it is the same.
  if (node.right.kind === 'literal' && node.right.value === middle.value) return undefined;
  return { whole: node, condition, middle, otherwise: node.right };
}

function asList(scalar: ScalarNode, list: Literal, names: readonly string[]): Fix {
  const text = `fromJSON(${quote(JSON.stringify(names))})`;
  return {
    title: 'Look in a list', safety: 'unsafe', preferred: true,
    edits: ({ document }) => replacePart(document, scalar, list, text),
  };
}

/** `a && '' || c` becomes `!(a) && c || ''`: what it was meant to be where c is not empty itself, which only a literal is sure not to be. */
function turned(scalar: ScalarNode, { whole, condition, middle, otherwise }: Choice): Fix[] {
  const sure = otherwise.kind === 'literal' && otherwise.value !== '' && otherwise.value !== 0 && otherwise.value !== false && otherwise.value !== null;
  if (!sure) return [];
  const of = (e: Expr): string => scalar.value.slice(e.start, e.end);
  const source = of(condition);
  const not = condition.kind === 'not' ? of(condition.operand) : /^\(.*\)$/s.test(source) || condition.kind !== 'binary' ? `!${source}` : `!(${source})`;
  if (source.includes('\n')) return [];
  const wrapped = scalar.value[whole.start] === '(' && whole.left.start > whole.start;
  const text = `${not} && ${of(otherwise)} || ${of(middle)}`;
  return [{
    title: 'Turn the condition round', safety: 'unsafe', preferred: true,
    edits: ({ document }) => replacePart(document, scalar, whole, wrapped ? `(${text})` : text),
  }];
}

function replacePart(document: Parameters<Fix['edits']>[0]['document'], scalar: ScalarNode, part: Expr, text: string): ReturnType<Fix['edits']> {
  if (!document.has(scalar) || !mayTouch(document, scalar) || !mapsExactly(scalar)) return undefined;
  if (scalar.style === 'single' || scalar.style === 'double' || scalar.style === 'plain') {
    return replaceScalar(document, scalar, scalar.value.slice(0, part.start) + text + scalar.value.slice(part.end));
  }
  return [{ ...document.range(valueRangeSpan(scalar, part.start, part.end)), newText: text }];
}
