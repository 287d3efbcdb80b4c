import { defineRule, type Fix } from '../../engine/rule';
import { expressionsOf, expressionSpan, parseExpression, printExpr, type Expression } from '../../workflow/expressions';
import { mayTouch, replaceScalar } from '../../workflow/edits';
import { mapsExactly, valueRangeSpan } from '../../workflow/scalar-map';
import type { TextEdit } from '../../workflow/document';
import { asScalar, type Entry, type ScalarNode } from '../../workflow/nodes';

export default defineRule({
  id: 'condition-always-true',
  category: 'triggers',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds an `if:` that is true whatever happens because there is text around its `${{ }}`.',
    why: 'Text around `${{ }}`, a second `${{ }}` or the line break of a block makes the condition a string that is never empty, and a string that is not empty is true: the guard that it looks like does not exist.',
    references: [
      'https://docs.github.com/en/actions/writing-workflows/workflow-syntax-for-github-actions#jobsjob_idif',
      'https://codeql.github.com/codeql-query-help/actions/actions-if-expression-always-true-critical/',
    ],
    standards: ['SEC-1', 'STRIDE E'],
  },
  messages: {
    text: 'This condition is always true: with text around `${{ }}` it is a string that is never empty. Put the whole condition into one expression.',
    several: 'This condition is always true: several `${{ }}` make it a string that is never empty. Put the whole condition into one expression.',
    blank: 'This condition is always true: a blank beside `${{ }}` makes it a string that is never empty. Leave out the blank.',
    lineBreak: 'This condition is always true: the block adds a line break behind `${{ }}`, which makes it a string that is never empty. Leave out the `${{ }}`.',
  },
  aliases: { zizmor: ['unsound-condition'], actionlint: ['if-cond'], codeql: ['actions/if-expression-always-true/critical', 'actions/if-expression-always-true/high'] },
  create(context) {
    const check = (entry: Entry | undefined): void => {
      const scalar = asScalar(entry?.value);
      if (!entry || !scalar || entry.value !== scalar) return;
      const expressions = expressionsOf(scalar, { bare: true });
      const [first, second] = expressions;
      if (!first) return;
      context.instance();
      if (first.bare || expressions.some(e => !e.closed)) return;
      const outside = textAround(scalar.value, expressions);
      if (outside === '') {
        if (!second) return;
      } else if (!second && first.source.trim() === '') return;
      const block = scalar.style === 'literal' || scalar.style === 'folded';
      const messageId = outside.trim() !== '' ? 'text' : second ? 'several' : block ? 'lineBreak' : 'blank';
      const combined = combine(scalar.value, expressions);
      context.report({
        at: messageId === 'lineBreak' || messageId === 'blank' ? expressionSpan(scalar, first) : valueRangeSpan(scalar, startOf(scalar.value), scalar.value.trimEnd().length),
        messageId, official: messageId === 'text' && expressions.every(e => e.errors.length === 0),
        fixes: combined === undefined || !mapsExactly(scalar) ? [] : [rewrap(scalar, expressions, combined)],
      });
    };
    return {
      job(job) { check(job.if); },
      step(step) { check(step.if); },
    };
  },
});

function startOf(value: string): number { return value.length - value.trimStart().length; }

function textAround(value: string, expressions: readonly Expression[]): string {
  let text = '', at = 0;
  for (const e of expressions) {
    text += value.slice(at, e.start);
    at = e.end;
  }
  return text + value.slice(at);
}

interface Piece { readonly start: number; readonly end: number; readonly text: string }

/** What each `${{ … }}` becomes in the single expression; undefined where the pieces don't make one. */
function combine(value: string, expressions: readonly Expression[]): readonly Piece[] | undefined {
  const pieces: Piece[] = [];
  if (expressions.length > 20) return undefined;
  for (const e of expressions) {
    if (e.errors.length > 0) return undefined;
    const quotesBefore = value.slice(0, e.start).replace(/\$\{\{.*?\}\}/gs, '').split('\'').length - 1;
    const source = e.source.trim();
    const alone = expressions.length === 1 && textAround(value, expressions).trim() === '';
    const grouped = alone || e.root.kind !== 'binary' || isGrouped(e) ? source : `(${source})`;
    if (quotesBefore % 2 === 0) pieces.push({ start: e.start, end: e.end, text: grouped });
    // `'${{ x }}' == 'y'`: the quotes go with the braces. Anything more in the quotes is a text that has to be built.
    else if (value[e.start - 1] === '\'' && value[e.end] === '\'') pieces.push({ start: e.start - 1, end: e.end + 1, text: grouped });
    else return undefined;
  }
  // Two names side by side must not become one.
  const apart = parseExpression(joined(value, pieces.map(p => ({ ...p, text: ` ${p.text} ` })))), together = parseExpression(joined(value, pieces));
  return apart.errors.length === 0 && together.errors.length === 0 && printExpr(apart.root) === printExpr(together.root) ? pieces : undefined;
}

/** The tree's range has the parentheses around it. */
function isGrouped(e: Expression): boolean {
  return e.source.trim().startsWith('(') && e.root.end - e.root.start === e.source.trim().length && e.root.kind === 'binary' && e.root.left.start > e.root.start;
}

function joined(value: string, pieces: readonly Piece[]): string {
  let text = '', at = 0;
  for (const p of pieces) {
    text += value.slice(at, p.start) + p.text;
    at = p.end;
  }
  return text + value.slice(at);
}

/** In blocks the braces go where they stand; on one line the whole is wrapped again, which any condition may be. */
function rewrap(scalar: ScalarNode, expressions: readonly Expression[], pieces: readonly Piece[]): Fix {
  return {
    title: 'Make it one expression',
    // The condition counts from then on: a step that others rely on may be skipped.
    safety: 'unsafe',
    preferred: true,
    edits: ({ document }): TextEdit[] | undefined => {
      if (!document.has(scalar) || !mayTouch(document, scalar)) return undefined;
      if (scalar.style !== 'literal' && scalar.style !== 'folded') return replaceScalar(document, scalar, `\${{ ${joined(scalar.value, pieces).trim().replace(/\s+/g, s => s.includes('\n') ? ' ' : s)} }}`);
      return pieces.map((p, i) => {
        const e = expressions[i]!;
        // A source over several lines stays as it is.
        const inner = p.text.includes('\n') ? undefined : p.text;
        const span = valueRangeSpan(scalar, p.start, p.end);
        const source = document.text.slice(document.range(span).start, document.range(span).end);
        const lead = p.text.startsWith('(') && !e.source.trim().startsWith('(') ? '(' : '', tail = lead ? ')' : '';
        return { ...document.range(span), newText: inner ?? lead + source.replace(/^'?\$\{\{\s*/, '').replace(/\s*\}\}'?$/, '') + tail };
      });
    },
  };
}
