import type { Expr } from './ast';

/** Fully bracketed text that is the same for the same tree, whatever the spacing, the parentheses or the order of typing. */
export function printExpr(node: Expr): string {
  switch (node.kind) {
    case 'literal': return typeof node.value === 'string' ? quote(node.value) : String(node.value);
    case 'context': return node.name;
    case 'property': return `${printExpr(node.object)}.${node.name}`;
    case 'index': return `${printExpr(node.object)}[${node.index ? printExpr(node.index) : '*'}]`;
    case 'call': return `${node.name}(${node.args.map(printExpr).join(', ')})`;
    case 'not': return `!${printExpr(node.operand)}`;
    case 'binary': return `(${printExpr(node.left)} ${node.operator} ${printExpr(node.right)})`;
    case 'missing': return '<missing>';
  }
}

/** A string literal of the expression language. */
export function quote(text: string): string {
  return `'${text.replaceAll('\'', '\'\'')}'`;
}
