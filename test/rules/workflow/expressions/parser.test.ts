import assert from 'node:assert/strict';
import fc from 'fast-check';
import type * as Ast from '@actions/expressions/ast';
import { expressions } from '../../../support/oracles';
import { dottedPath, expressionsIn, MAX_CHAIN, parseExpression, printExpr, quote, walkExpr, type Expr } from '../../../../rules/workflow/expressions';

/**
 * GitHub's parser on the same text: its tree in our canonical print, or what it says. Names and counts of arguments are taken
 * out of the comparison: every context and function is known to it here, under a name that it has no opinion on.
 */
function oracle(source: string): { print?: string; error?: string } {
  const { Lexer, Parser } = expressions();
  try {
    const { tokens } = new Lexer(source).lex();
    const contexts: string[] = [], functions: { name: string; minArgs: number; maxArgs: number; call: () => never }[] = [];
    tokens.forEach((token, i) => {
      if (token.type !== 19) return;
      if (tokens[i + 1]?.type === 1 && tokens[i - 1]?.type !== 6) {
        token.lexeme = `f_${token.lexeme}`;
        functions.push({ name: token.lexeme, minArgs: 0, maxArgs: Infinity, call: () => assert.fail() });
      }
      contexts.push(token.lexeme);
    });
    const tree = new Parser(tokens, contexts, functions).parse();
    return tree ? { print: printOracle(tree) } : { error: 'empty' };
  } catch (e) {
    return { error: (e as Error).message };
  }
}

function printOracle(node: Ast.Expr): string {
  const { ast, data } = expressions();
  if (node instanceof ast.Grouping) return printOracle(node.group);
  if (node instanceof ast.Literal) {
    const { literal } = node;
    if (literal instanceof data.StringData) return quote(literal.value);
    return literal instanceof data.Null ? 'null' : String((literal as unknown as { value: number | boolean }).value);
  }
  if (node instanceof ast.ContextAccess) return node.name.lexeme;
  if (node instanceof ast.Unary) return `!${printOracle(node.expr)}`;
  if (node instanceof ast.Binary) return `(${printOracle(node.left)} ${node.operator.lexeme} ${printOracle(node.right)})`;
  if (node instanceof ast.Logical) return node.args.map(printOracle).reduce((l, r) => `(${l} ${node.operator.lexeme} ${r})`);
  if (node instanceof ast.FunctionCall) return `${node.functionName.lexeme.slice(2)}(${node.args.map(printOracle).join(', ')})`;
  if (node instanceof ast.IndexAccess) {
    const object = printOracle(node.expr), index = node.index;
    if (index instanceof ast.Star) return `${object}[*]`;
    // A `.name` is told from a `['name']` by the kind of its token.
    if (index instanceof ast.Literal && index.token.type === 19) return `${object}.${index.token.lexeme}`;
    return `${object}[${printOracle(index)}]`;
  }
  return assert.fail('an unknown node');
}

/** GitHub's parser has one filter for `.*` and `[*]`. */
const oneFilter = (print: string): string => print.replaceAll('.*', '[*]');
const canonical = (node: Expr): string => oneFilter(printExpr(node));

const name = fc.constantFrom('github', 'env', 'a-b', '_x', 'steps', 'NaN1', 'contains', 'case', 'toJSON', 'TRUE');
const literal = fc.oneof(
  // GitHub's library unescapes only the first `''` of a string, which its runner does not share: at most one here.
  fc.constantFrom('it\'s', '', ' ', '}} {', '$', 'ä€😀', '"').map(quote),
  fc.constantFrom('0', '-1', '+2', '0xfF', '1e3', '-1.5E-2', '.5', '5.', 'NaN', 'Infinity', '-Infinity', 'true', 'false', 'null', '0b11', '0o17'));
const space = fc.constantFrom('', ' ', '\n  ', '\t');
const { expr } = fc.letrec<{ expr: string; path: string; atom: string; call: string }>(tie => ({
  path: fc.tuple(fc.oneof({ weight: 4, arbitrary: name }, tie('call')), fc.array(fc.oneof(
    fc.constantFrom('.x', '.*', '[*]', '.true', '.event.head_commit', '[0]', '[\'a b\']', ' .y', '. z'),
    tie('expr').map(e => `[${e}]`)), { maxLength: 4 })).map(([n, rest]) => n + rest.join('')),
  call: fc.tuple(name, fc.array(tie('expr'), { maxLength: 3 }), space).map(([n, args, s]) => `${n}${s}(${args.join(`${s},`)}${s})`),
  atom: fc.oneof({ depthSize: 'small', withCrossShrink: true }, literal, tie('path'), tie('call'),
    fc.tuple(tie('expr'), fc.constantFrom('', '.x', '[1]')).map(([e, s]) => `(${e})${s}`), tie('atom').map(e => `! ${e}`)),
  expr: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('atom'),
    fc.tuple(tie('atom'), space, fc.constantFrom('&&', '||', '==', '!=', '<', '<=', '>', '>='), space, tie('expr')).map(t => t.join(' '))),
}));

const fragments = fc.array(fc.constantFrom(
  'github', 'a-b', '.', '..', '*', '[', ']', '(', ')', '\'', '\'\'', '\'x\'', 'true', 'NaN', '-', '-1', '0x1f', '1e3', '.5', '5.', '1.2.3', ' ', '\n', ',', '&&',
  '||', '&', '|', '=', '==', '!', '!=', '<', '>=', '"x"', '\u00a0', '\f', '#', 'é', '$', '{', '}}', '\\', 'contains(', 'null'), { maxLength: 14 }).map(f => f.join(''));

describe('parseExpression', function () {
  this.timeout(120_000);

  it('reads every generated expression as GitHub does', () => {
    let compared = 0;
    fc.assert(fc.property(expr, source => {
      const theirs = oracle(source), ours = parseExpression(source);
      if (theirs.print === undefined) assert.notDeepEqual(ours.errors, [], `they say ${theirs.error}`);
      else {
        assert.deepEqual(ours.errors, []);
        assert.equal(canonical(ours.root), oneFilter(theirs.print));
        compared++;
      }
    }), { numRuns: 3000 });
    assert.ok(compared > 2000, `only ${compared} were valid`);
  });

  it('accepts what GitHub accepts and nothing else, with the same tree', () => {
    fc.assert(fc.property(fc.oneof(fragments, expr.chain(e => fc.nat(e.length).map(n => e.slice(0, n))), fc.string()), source => {
      const theirs = oracle(source), ours = parseExpression(source);
      assert.equal(ours.errors.length === 0, theirs.error === undefined, `theirs: ${theirs.error}, ours: ${JSON.stringify(ours.errors)}`);
      if (theirs.print !== undefined && !/'.*''.*''/s.test(source)) assert.equal(canonical(ours.root), oneFilter(theirs.print));
    }), { numRuns: 8000 });
  });

  it('agrees on how deep is too deep', () => {
    const shapes: ((n: number) => string)[] = [
      n => '('.repeat(n) + '1' + ')'.repeat(n), n => '!'.repeat(n) + 'a', n => 'a' + '.b'.repeat(n), n => 'a[b'.repeat(n) + ']'.repeat(n),
      n => 'f('.repeat(n) + ')'.repeat(n), n => '(1 || '.repeat(n) + '2' + ')'.repeat(n), n => 'a' + '[0]'.repeat(n) + '[' + '!'.repeat(5) + 'b]',
      n => '(1 && 2 || '.repeat(n) + '2' + ')'.repeat(n), n => 'a' + ' == b'.repeat(n),
    ];
    for (const shape of shapes) for (let n = 10; n < 60; n++) {
      const source = shape(n);
      assert.equal(parseExpression(source).errors.length === 0, oracle(source).error === undefined, source);
    }
  });

  it('stays standing on text that is long, deep or both', () => {
    for (const source of ['('.repeat(20_000), '!'.repeat(20_000), 'a.'.repeat(10_000), 'f(['.repeat(7000), 'a||'.repeat(6000), '\''.repeat(20_999)]) {
      assert.ok(parseExpression(source).errors.length > 0);
    }
    assert.match(parseExpression('a'.repeat(21_001)).errors[0]!.message, /21000/);
    const chain = parseExpression(`a${' == b'.repeat(MAX_CHAIN + 1)}`);
    assert.match(chain.errors[0]!.message, /500/);
    assert.equal([...walkExpr(chain.root)].length, 2 * MAX_CHAIN + 1);
  });

  it('gives every node the range of text that makes it', () => {
    fc.assert(fc.property(expr, fc.nat(50), (source, offset) => {
      const { root, errors } = parseExpression(source, offset);
      fc.pre(errors.length === 0);
      for (const node of walkExpr(root)) {
        const text = source.slice(node.start - offset, node.end - offset);
        assert.equal(printExpr(parseExpression(text).root), printExpr(node), text);
        if ('nameRange' in node) assert.equal(source.slice(node.nameRange.start - offset, node.nameRange.end - offset), node.name);
      }
    }), { numRuns: 1000 });
  });

  it('keeps what was typed so far', () => {
    const half = (source: string): string => printExpr(parseExpression(source).root);
    assert.equal(half('github.event.'), 'github.event.');
    assert.equal(half('github.head_ref ||'), '(github.head_ref || <missing>)');
    assert.equal(half('contains(github.ref, '), 'contains(github.ref, <missing>)');
    assert.equal(half('contains(github.ref'), 'contains(github.ref)');
    assert.equal(half('format(\'{0}\', github.event.x extra) && b'), '(format(\'{0}\', github.event.x) && b)');
    assert.equal(half('a == "b"'), '(a == <missing>)');
    assert.equal(half(''), '<missing>');
    assert.deepEqual(parseExpression('a == "b"', 7).errors, [{ start: 12, end: 15, message: 'Strings stand in single quotes here' }]);
  });

  it('has one error per place', () => {
    for (const source of ['a == "b"', 'a.#', '(1', 'f(1', '&', '']) assert.equal(parseExpression(source).errors.length, 1, source);
  });
});

describe('expressionsIn', () => {
  const at = (value: string, bare = false): string[] => expressionsIn(value, { bare }).map(e => value.slice(e.start, e.end));

  it('finds each one with its offsets', () => {
    const value = 'a ${{ github.ref }} b ${{github.sha}}';
    const [first, second] = expressionsIn(value, { bare: false });
    assert.deepEqual([first!.start, first!.end, first!.source, first!.closed], [2, 19, ' github.ref ', true]);
    assert.equal(value.slice(first!.root.start, first!.root.end), 'github.ref');
    assert.equal(value.slice(second!.root.start, second!.root.end), 'github.sha');
  });

  it('lets strings hold braces', () => {
    assert.deepEqual(at('${{ format(\'{{0}}}}\', a) }} x'), ['${{ format(\'{{0}}}}\', a) }}']);
    assert.deepEqual(at('${{ \'it\'\'s }}\' }}'), ['${{ \'it\'\'s }}\' }}']);
  });

  it('reads a bare condition as a whole, and a wrapped one as such', () => {
    assert.deepEqual(expressionsIn(' github.ref == \'x\'', { bare: true }).map(e => [e.bare, e.start, e.end, e.root.start]), [[true, 0, 18, 1]]);
    assert.deepEqual(expressionsIn('${{ a }}', { bare: true }).map(e => e.bare), [false]);
    assert.deepEqual(at('  ', true), []);
    assert.deepEqual(at('github.ref'), []);
  });

  it('ends an unclosed one with its line and goes on', () => {
    assert.deepEqual(at('echo ${{ github.\r\necho ${{ env.A }}\n'), ['${{ github.', '${{ env.A }}']);
    assert.deepEqual(at('echo ${{ \'it }}\necho ${{ env.A }}\n'), ['${{ \'it }}', '${{ env.A }}']);
    const [open] = expressionsIn('x ${{ a', { bare: false });
    assert.equal(open!.closed, false);
    assert.match(open!.errors.at(-1)!.message, /closing/);
  });

  it('takes an expression over several lines', () => {
    assert.deepEqual(at('${{ a &&\n  b }}'), ['${{ a &&\n  b }}']);
  });
});

describe('dottedPath', () => {
  const path = (source: string): string | undefined => dottedPath(parseExpression(source).root);

  it('is lower case, with filters and computed parts as *', () => {
    assert.equal(path('GitHub.Event[\'Issue\'].title'), 'github.event.issue.title');
    assert.equal(path('github.event.commits.*.message'), 'github.event.commits.*.message');
    assert.equal(path('github.event.commits[0].message'), 'github.event.commits.*.message');
    assert.equal(path('github[env.X]'), 'github.*');
    assert.equal(path('(github.event).issue'), 'github.event.issue');
    assert.equal(path('fromJSON(env.A).b'), undefined);
    assert.equal(path('1'), undefined);
  });
});
