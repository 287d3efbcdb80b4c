/** Where an expression reads secrets, and what an environment variable holds of them. */
import { expressionsOf, pathOf, walkExpr, type Expr, type Expression } from '../../workflow/expressions';
import type { EnvMap } from '../../workflow/model';
import type { ScalarNode } from '../../workflow/nodes';

export interface SecretRead {
  /** As written: `NPM_TOKEN`; `GITHUB_TOKEN` also for `github.token`. */
  readonly name: string;
  readonly node: Expr;
  /** The run's own token, which ends with the job. */
  readonly isRunToken: boolean;
}

export interface SecretReads {
  /** `secrets.NAME`, `secrets['NAME']`, `github.token`. */
  readonly named: readonly SecretRead[];
  /** `toJSON(secrets)`, `secrets.*`: all of them at once. */
  readonly whole: readonly Expr[];
  /** `secrets[…]` by a name that is known only at run time. */
  readonly computed: readonly (Expr & { readonly kind: 'index' })[];
}

/** Every read of a secret in an expression's tree. */
export function secretReads(root: Expr): SecretReads {
  const named: SecretRead[] = [], whole: Expr[] = [], computed: (Expr & { readonly kind: 'index' })[] = [];
  const visit = (node: Expr, parent: Expr | undefined): void => {
    const one = namedRead(node);
    if (one) {
      named.push(one);
      return;
    }
    switch (node.kind) {
      case 'context':
        if (isSecrets(node)) whole.push(parent?.kind === 'call' ? parent : node);
        return;
      case 'property':
        if (isSecrets(node.object)) whole.push(node);
        else visit(node.object, node);
        return;
      case 'index':
        if (isSecrets(node.object)) {
          if (node.index) computed.push(node);
          else whole.push(node);
        } else visit(node.object, node);
        if (node.index) visit(node.index, node);
        return;
      case 'call': for (const a of node.args) visit(a, node); return;
      case 'not': visit(node.operand, node); return;
      case 'binary':
        visit(node.left, node);
        visit(node.right, node);
        return;
      default:
    }
  };
  visit(root, undefined);
  return { named, whole, computed };
}

/** Names of what is kept as a secret for convenience: users, addresses, buckets, roles, identifiers. */
export function isIdentifierName(name: string): boolean {
  return /(?:^|_)(?:USER|USERNAME|LOGIN|E?MAIL|HOST|HOSTNAME|REGION|BUCKET|REGISTRY|ORG|ID|ARN|ROLE|ROLEARN|ROLE_TO_ASSUME)$/i.test(name) && !/SECRET_ID$/i.test(name);
}

function isSecrets(node: Expr): boolean { return node.kind === 'context' && node.name.toLowerCase() === 'secrets'; }

function namedRead(node: Expr): SecretRead | undefined {
  if (node.kind !== 'property' && node.kind !== 'index') return undefined;
  const path = pathOf(node);
  if (path?.length !== 2 || path[1] === '*') return undefined;
  if (path[0] === 'github' && path[1] === 'token') return { name: 'GITHUB_TOKEN', node, isRunToken: true };
  if (path[0] !== 'secrets') return undefined;
  const name = node.kind === 'property' ? node.name : node.index?.kind === 'literal' ? String(node.index.value) : '';
  return { name, node, isRunToken: name.toLowerCase() === 'github_token' };
}

const TESTS = /^(?:contains|startswith|endswith|hashfiles|success|failure|always|cancelled)$/i;

/** The parts of an expression that its result can be. What is only compared or tested is none of them. */
export function* resultsOf(node: Expr): Generator<Expr> {
  if (node.kind === 'binary') {
    if (node.operator === '&&') yield* resultsOf(node.right);
    else if (node.operator === '||') {
      yield* resultsOf(node.left);
      yield* resultsOf(node.right);
    }
  } else if (node.kind === 'call') {
    if (TESTS.test(node.name)) return;
    if (node.name.toLowerCase() === 'case') for (const [i, a] of node.args.entries()) { if (i % 2 === 1 || i === node.args.length - 1) yield* resultsOf(a); }
    else for (const a of node.args) yield* resultsOf(a);
  } else if (node.kind !== 'not') yield node;
}

/** Secrets whose value an expression gives, or parts of it. */
export function givenSecrets(expression: Expression): SecretRead[] {
  if (expression.errors.length > 0 || !/secrets|token/i.test(expression.source)) return [];
  return [...resultsOf(expression.root)].flatMap(n => secretReads(n).named);
}

/** The same for a whole text. */
export function secretsOf(scalar: ScalarNode | undefined): SecretRead[] {
  return scalar ? expressionsOf(scalar, { bare: false }).flatMap(givenSecrets) : [];
}

export interface SecretVariable { readonly name: string; readonly secrets: readonly SecretRead[]; readonly variable: EnvMap['variables'][number] }

/** The variables of an `env:` that hold a secret. */
export function secretVariables(env: EnvMap | undefined): SecretVariable[] {
  return (env?.variables ?? []).flatMap(variable => {
    const secrets = secretsOf(variable.value);
    return secrets.length > 0 ? [{ name: variable.name, secrets, variable }] : [];
  });
}

/** Whether anything in an expression calls this function. */
export function calls(root: Expr, name: string): boolean {
  for (const n of walkExpr(root)) if (n.kind === 'call' && n.name.toLowerCase() === name) return true;
  return false;
}
