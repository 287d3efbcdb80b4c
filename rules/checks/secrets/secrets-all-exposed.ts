import { defineRule, type ExpressionSite, type Fix } from '../../engine/rule';
import { mayTouch } from '../../workflow/edits';
import { matrixValues } from '../../workflow/effective';
import { expressionSpan, pathOf, quote, type Expr } from '../../workflow/expressions';
import { mapsExactly } from '../../workflow/scalar-map';
import { secretReads } from '../shared/secrets';

/** More alternatives than this are no better to read than the computed name. */
const MAX_NAMES = 6;

export default defineRule({
  id: 'secrets-all-exposed',
  category: 'secrets',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds expressions that read all secrets at once: `toJSON(secrets)`, `secrets.*` and `secrets[…]` with a computed name.',
    why: 'GitHub sends a runner only the secrets that a job names, and all of the repository\'s and organization\'s where it can\'t tell which.',
    references: [
      'https://docs.github.com/en/actions/reference/security/secure-use#use-secrets-for-sensitive-information',
      'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-06-Insufficient-Credential-Hygiene',
    ],
    standards: ['SEC-6', 'STRIDE I'],
  },
  messages: {
    whole: '`{what}` hands over every secret that the repository can read, those that are added later included. Name the ones that are needed.',
    computed: 'The name in `{what}` is known only at run time, so the runner is sent every secret that the repository can read. Name the ones that are meant.',
  },
  aliases: { zizmor: ['overprovisioned-secrets'], codeql: ['actions/excessive-secrets-exposure'] },
  create(context) {
    return {
      expression(site) {
        const { expression, scalar } = site;
        if (!/secrets/i.test(expression.source) || expression.errors.length > 0) return;
        const reads = secretReads(expression.root);
        if (reads.named.length + reads.whole.length + reads.computed.length === 0) return;
        context.instance();
        const what = (node: Expr): string => scalar.value.slice(node.start, node.end);
        for (const node of reads.whole) context.report({ at: expressionSpan(scalar, node), messageId: 'whole', data: { what: what(node) } });
        for (const node of reads.computed) {
          const fix = enumeration(site, node);
          context.report({ at: expressionSpan(scalar, node), messageId: 'computed', data: { what: what(node) }, fixes: fix ? [fix] : [] });
        }
      },
    };
  },
});

/** `secrets[matrix.key]` → `matrix.key == 'A' && secrets.A || matrix.key == 'B' && secrets.B || ''`. */
function enumeration({ expression, scalar, job }: ExpressionSite, node: Expr & { readonly kind: 'index' }): Fix | undefined {
  if (!job || !node.index || scalar.anchor || !mapsExactly(scalar) || scalar.style === 'double') return undefined;
  const { index } = node;
  const matrix = matrixPart(index);
  const values = matrix && matrixValues(job, pathOf(matrix)!.slice(1));
  if (!matrix || !values || values.length === 0 || values.length > MAX_NAMES) return undefined;
  const template = index.kind === 'call' && index.args[0]?.kind === 'literal' ? String(index.args[0].value) : '{0}';
  const names = values.map(v => template.replaceAll('{0}', v));
  if (!names.every(n => /^[A-Za-z_]\w*$/.test(n))) return undefined;
  const key = scalar.value.slice(matrix.start, matrix.end);
  const chain = `${values.map((v, i) => `${key} == ${quote(v)} && secrets.${names[i]!}`).join(' || ')} || ''`;
  const text = expression.root === node ? chain : `(${chain})`;
  return {
    title: names.length === 1 ? `Name secrets.${names[0]!}` : `Name the ${names.length} secrets`,
    safety: 'unsafe',
    preferred: true,
    edits({ document }) {
      if (!document.has(scalar) || !mayTouch(document, scalar)) return undefined;
      return [{ ...document.range(expressionSpan(scalar, node)), newText: scalar.style === 'single' ? text.replaceAll('\'', '\'\'') : text }];
    },
  };
}

/** The `matrix.…` that decides, alone or as the only hole of a `format`. */
function matrixPart(index: Expr): Expr | undefined {
  if (isMatrix(index)) return index;
  if (index.kind !== 'call' || index.name.toLowerCase() !== 'format' || index.args.length !== 2) return undefined;
  const [template, value] = index.args;
  if (template!.kind !== 'literal' || typeof template!.value !== 'string' || !/^[^{}]*\{0\}[^{}]*$/.test(template!.value)) return undefined;
  return isMatrix(value!) ? value : undefined;
}

function isMatrix(node: Expr): boolean {
  const path = pathOf(node);
  return path !== undefined && path[0] === 'matrix' && path.length > 1 && !path.includes('*');
}
