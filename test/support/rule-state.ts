/** Whether a rule's `create` keeps something between visits, read from its source. */
import ts from 'typescript';

/**
 * Variables that change, and values made when the rule is made, are state; functions are none. `undefined` where there is no `create`
 * of the usual form.
 */
export function keepsState(source: string): boolean | undefined {
  const file = ts.createSourceFile('rule.ts', source, ts.ScriptTarget.Latest, true);
  const create = find(file);
  if (!create?.body) return undefined;
  if (!ts.isBlock(create.body)) return undefined;
  return !create.body.statements.every(s => ts.isReturnStatement(s) || ts.isFunctionDeclaration(s) || isConstantFunction(s));
}

function find(node: ts.Node): ts.MethodDeclaration | ts.ArrowFunction | undefined {
  if (ts.isMethodDeclaration(node) && node.name.getText() === 'create') return node;
  if (ts.isPropertyAssignment(node) && node.name.getText() === 'create' && ts.isArrowFunction(node.initializer)) return node.initializer;
  return ts.forEachChild(node, find);
}

function isConstantFunction(s: ts.Statement): boolean {
  return ts.isVariableStatement(s) && (s.declarationList.flags & ts.NodeFlags.Const) !== 0
    && s.declarationList.declarations.every(d => d.initializer !== undefined && ts.isArrowFunction(d.initializer));
}
