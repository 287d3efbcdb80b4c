import { BlockMemo } from '../block-memo';
import { asScalar, type Entry, type ScalarNode, type Span } from '../nodes';
import { valueRangeSpan } from '../scalar-map';
import type { ExprRange, Expression } from './ast';
import { expressionsIn } from './find';

const NONE: readonly Expression[] = [];
const plain = new BlockMemo<ScalarNode, readonly Expression[]>();
const bare = new BlockMemo<ScalarNode, readonly Expression[]>();
const readPlain = (scalar: ScalarNode): readonly Expression[] => expressionsIn(scalar.value, { bare: false });
const readBare = (scalar: ScalarNode): readonly Expression[] => expressionsIn(scalar.value, { bare: true });

/** The expressions of a scalar, parsed once. `bare`: it is a condition, which needs no `${{ }}`. */
export function expressionsOf(scalar: ScalarNode, options: { readonly bare?: boolean } = {}): readonly Expression[] {
  const isBare = options.bare === true;
  if (!isBare && !scalar.value.includes('${{')) return NONE;
  return isBare ? bare.get(scalar.block, scalar, readBare) : plain.get(scalar.block, scalar, readPlain);
}

/** Where a range of a scalar's value (an expression, a node of its tree, an error) stands in the block. */
export function expressionSpan(scalar: ScalarNode, range: ExprRange): Span {
  return valueRangeSpan(scalar, range.start, range.end);
}

/**
 * The expression of an `if:`; undefined where there is none, or where the value is text around `${{ }}` (a line break is enough) or
 * several of them: that is a string, and true whatever it says.
 */
export function conditionOf(entry: Entry | undefined): Expression | undefined {
  const scalar = asScalar(entry?.value);
  if (!scalar) return undefined;
  const [first] = expressionsOf(scalar, { bare: true });
  return first && first.start === 0 && first.end === scalar.value.length ? first : undefined;
}
