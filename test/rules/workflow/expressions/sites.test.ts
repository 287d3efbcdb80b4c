import assert from 'node:assert/strict';
import { conditionOf, expressionSpan, expressionsOf, printExpr } from '../../../../rules/workflow/expressions';
import { asScalar } from '../../../../rules/workflow/nodes';
import { parseSource } from '../../../../rules/workflow/parse';

const job = (lines: string): string => `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: ls\n        ${lines}\n`;
const stepOf = (lines: string) => parseSource('.github/workflows/a.yml', job(lines)).workflow!.jobs[0]!.steps[0]!;

describe('expression sites', () => {
  it('gives the span of an expression in its block, once', () => {
    const entry = stepOf('name: "a \\t ${{ github.head_ref }}"').name!;
    const scalar = asScalar(entry.value)!;
    const [expression] = expressionsOf(scalar);
    const span = expressionSpan(scalar, expression!);
    assert.equal(span.block.text.slice(span.start, span.end), '${{ github.head_ref }}');
    assert.equal(expressionsOf(scalar), expressionsOf(scalar));
  });

  it('reads a condition, bare or wrapped', () => {
    const condition = (text: string): string | undefined => {
      const found = conditionOf(stepOf(`if: ${text}`).if);
      return found && printExpr(found.root);
    };
    assert.equal(condition('github.ref == \'x\''), '(github.ref == \'x\')');
    assert.equal(condition('${{ always() }}'), 'always()');
    assert.equal(condition('"!cancelled()"'), '!cancelled()');
    assert.equal(condition('${{ a }} && ${{ b }}'), undefined);
    assert.equal(condition('${{ a }} && b'), undefined);
    assert.equal(condition(''), undefined);
  });
});
