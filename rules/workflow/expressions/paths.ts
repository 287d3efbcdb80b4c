import type { Expr } from './ast';

/** `node` and everything below it, parents first. */
export function* walkExpr(node: Expr): Generator<Expr> {
  yield node;
  switch (node.kind) {
    case 'property': yield* walkExpr(node.object); break;
    case 'index':
      yield* walkExpr(node.object);
      if (node.index) yield* walkExpr(node.index);
      break;
    case 'call': for (const a of node.args) yield* walkExpr(a); break;
    case 'not': yield* walkExpr(node.operand); break;
    case 'binary':
      yield* walkExpr(node.left);
      yield* walkExpr(node.right);
      break;
  }
}

/**
 * The path of a context access in lower case (`github.event.issue.title`), as GitHub compares names. `['name']` reads as `.name`;
 * filters, numbers and computed indexes read as `*`. Undefined for anything that does not start at a context.
 */
export function pathOf(node: Expr): string[] | undefined {
  const parts: string[] = [];
  for (let at: Expr = node; ;) {
    if (at.kind === 'property') {
      parts.push(at.name.toLowerCase());
      at = at.object;
    } else if (at.kind === 'index') {
      const index = at.index;
      parts.push(index?.kind === 'literal' && typeof index.value === 'string' ? index.value.toLowerCase() : '*');
      at = at.object;
    } else if (at.kind === 'context') {
      parts.push(at.name.toLowerCase());
      return parts.reverse();
    } else return undefined;
  }
}

/** `pathOf` joined with dots; undefined where there is no path. */
export function dottedPath(node: Expr): string | undefined {
  return pathOf(node)?.join('.');
}
