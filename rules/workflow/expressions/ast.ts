/**
 * Expressions of GitHub Actions. Offsets are UTF-16 offsets in the *value* of the scalar an expression stands in;
 * `expressionSpan` (in `sites.ts`) turns them into spans of the block.
 */
export interface ExprRange { readonly start: number; readonly end: number }

export type Expr =
  | (ExprRange & { readonly kind: 'literal'; readonly value: string | number | boolean | null })
  /** A context: `github`, `env`, `steps`; name as written. */
  | (ExprRange & { readonly kind: 'context'; readonly name: string; readonly nameRange: ExprRange })
  /** `object.name`; `name` is `*` for the filter. */
  | (ExprRange & { readonly kind: 'property'; readonly object: Expr; readonly name: string; readonly nameRange: ExprRange })
  /** `object[index]`; the filter `[*]` has `index` undefined. */
  | (ExprRange & { readonly kind: 'index'; readonly object: Expr; readonly index?: Expr })
  | (ExprRange & { readonly kind: 'call'; readonly name: string; readonly nameRange: ExprRange; readonly args: readonly Expr[] })
  | (ExprRange & { readonly kind: 'not'; readonly operand: Expr })
  | (ExprRange & { readonly kind: 'binary'; readonly operator: '&&' | '||' | '==' | '!=' | '<' | '<=' | '>' | '>='; readonly left: Expr; readonly right: Expr })
  /** What stands where an operand is missing (half-typed). */
  | (ExprRange & { readonly kind: 'missing' });

export interface ExprError extends ExprRange { readonly message: string }

export interface Expression {
  /** The whole `${{ … }}` in the scalar's value; for a bare condition the whole value. */
  readonly start: number;
  readonly end: number;
  /** True where there is no `${{ }}` around it (an `if:`). */
  readonly bare: boolean;
  /** False where the closing `}}` is missing. */
  readonly closed: boolean;
  /** Source between the braces, untrimmed. */
  readonly source: string;
  readonly root: Expr;
  readonly errors: readonly ExprError[];
}
