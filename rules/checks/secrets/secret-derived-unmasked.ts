import { defineRule, type ExpressionSite, type Fix } from '../../engine/rule';
import { insertStep } from '../../workflow/edits';
import { expressionSpan, expressionsOf, type Expr } from '../../workflow/expressions';
import type { Job, Step } from '../../workflow/model';
import { asMapping, asScalar, type Span } from '../../workflow/nodes';
import { valueRangeSpan } from '../../workflow/scalar-map';
import { derivedValues } from '../shared/derived-values';
import { givenSecrets, resultsOf, secretReads, secretsOf, secretVariables } from '../shared/secrets';
import { scriptOf } from '../shared/step-commands';

/** A part of a secret that holds JSON. */
interface Part { readonly at: Span; readonly step: Step | undefined; readonly secret: string; readonly shown: string; /** `.user.name` as jq writes it. */ readonly filter: string | undefined }

export default defineRule({
  id: 'secret-derived-unmasked',
  category: 'secrets',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 0,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds parts of secrets and decoded secrets that reach the log unmasked: `fromJSON(secrets.NAME).part`, `base64 -d`, `jq`.',
    why: 'GitHub hides a secret in logs only as it was stored; what is taken or decoded from it is printed as it is.',
    references: [
      'https://docs.github.com/en/actions/reference/security/secure-use#use-secrets-for-sensitive-information',
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#masking-a-value-in-a-log',
    ],
    standards: ['SEC-6', 'STRIDE I'],
  },
  messages: {
    part: '`{part}` is a part of a secret, and logs hide a secret only as a whole. Store the part as a secret of its own, or mask it in a step in front with `::add-mask::`.',
    decoded: '`{command}` makes another text of the secret `{secret}`, which goes to {sink} unmasked. Print it behind `::add-mask::` first, or store it as a secret of its own.',
  },
  aliases: { zizmor: ['unredacted-secrets'], codeql: ['actions/unmasked-secret-exposure'] },
  keepsState: true,
  create(context) {
    const parts: Part[] = [];
    let job: Job | undefined;
    return {
      job(it) { job = it; },
      expression(site) {
        if (site.path === 'if' || !/fromjson/i.test(site.expression.source) || !/secrets/i.test(site.expression.source) || site.expression.errors.length > 0) return;
        for (const node of resultsOf(site.expression.root)) {
          const part = partOf(site, node);
          if (part) parts.push(part);
        }
      },
      script({ scalar, step }) {
        if (!/base64|jq/.test(scalar.value)) return;
        const variables = new Map([step.job?.env, step.env].flatMap(env => secretVariables(env).filter(v => isWhole(v.variable.value?.value)).map(v => [v.name, v.secrets[0]!.name] as const)));
        const pasted = expressionsOf(scalar).flatMap(e => givenSecrets(e).slice(0, 1).map(s => ({ at: e.start, name: s.name })));
        if (variables.size === 0 && pasted.length === 0) return;
        const ast = scriptOf(step);
        if (!ast || ast.dialect !== 'posix' || ast.errors.length > 0) return;
        context.instance();
        const seen = new Set<string>();
        for (const { secret, command, sink } of derivedValues(ast, { variables, pasted })) {
          if (seen.has(secret)) continue;
          seen.add(secret);
          context.report({ at: valueRangeSpan(scalar, command.start, command.end), messageId: 'decoded', data: { command: command.name ?? '', secret, sink }, step, job: step.job });
        }
      },
      end() {
        const secrets = new Map<string, Part[]>();
        for (const p of parts) secrets.set(p.secret.toLowerCase(), [...(secrets.get(p.secret.toLowerCase()) ?? []), p]);
        for (const [name, group] of secrets) {
          context.instance();
          const first = group[0]!;
          if (job?.steps.some(s => masks(s, name) && (first.step === undefined ? false : s.index < first.step.index))) continue;
          const fix = job && first.step && maskStep(job, first.step, first.secret, group);
          context.report({
            at: first.at, messageId: 'part', data: { part: first.shown }, step: first.step, job,
            related: group.slice(1).map(p => ({ at: p.at, message: 'Another part of it' })), fixes: fix ? [fix] : [],
          });
        }
      },
    };
  },
});

function isWhole(text: string | undefined): boolean { return text !== undefined && /^\s*\$\{\{[^}]*\}\}\s*$/.test(text); }

/** `fromJSON(secrets.X).a['b'][0]`. */
function partOf(site: ExpressionSite, node: Expr): Part | undefined {
  const keys: (string | undefined)[] = [];
  let at = node;
  while (at.kind === 'property' || at.kind === 'index') {
    keys.unshift(at.kind === 'property' ? jqKey(at.name) : at.index?.kind === 'literal' ? (typeof at.index.value === 'number' ? `[${at.index.value}]` : jqKey(String(at.index.value))) : undefined);
    at = at.object;
  }
  if (keys.length === 0 || at.kind !== 'call' || at.name.toLowerCase() !== 'fromjson') return undefined;
  const secret = at.args.flatMap(a => secretReads(a).named).find(s => !s.isRunToken);
  if (!secret) return undefined;
  const only = at.args[0] === secret.node && keys.every(k => k !== undefined);
  return {
    at: expressionSpan(site.scalar, node), step: site.step, secret: secret.name, shown: site.scalar.value.slice(node.start, node.end),
    filter: only ? keys.join('').replace(/^(?!\.)/, '.') : undefined,
  };
}

function jqKey(name: string): string | undefined {
  if (/^[A-Za-z_]\w*$/.test(name)) return `.${name}`;
  return /^[\w .:/-]+$/.test(name) ? `["${name}"]` : undefined;
}

/** A step that reads the secret and prints a mask. */
function masks(step: Step, secret: string): boolean {
  const texts = [step.run?.scalar, asScalar(asMapping(step.with?.value)?.entries.find(e => e.key.value === 'script')?.value)];
  const text = texts.find(t => t && /::add-mask::|setSecret\(/.test(t.value));
  if (!text) return false;
  const read = [...secretVariables(step.env).flatMap(v => v.secrets), ...secretsOf(text)];
  return read.some(s => s.name.toLowerCase() === secret) || expressionsOf(text).some(e => secretReads(e.root).named.some(s => s.name.toLowerCase() === secret));
}

/**
 * A step in front that masks every part that the job takes. The parts themselves stay out of its `env`, which is printed. Unsafe: it needs
 * jq, and a job's output that holds a masked value is dropped.
 */
function maskStep(job: Job, step: Step, secret: string, parts: readonly Part[]): Fix | undefined {
  const filters = [...new Set(parts.map(p => p.filter))];
  if (filters.some(f => f === undefined) || step.group || !/^\w+$/.test(secret)) return undefined;
  return {
    title: `Mask the parts of ${secret} in a step in front`,
    safety: 'unsafe',
    preferred: true,
    edits: ({ document }) => insertStep(document, job, step.index, [
      `- name: Mask the parts of ${secret}`,
      '  shell: bash',
      '  env:',
      `    SECRET_JSON: \${{ secrets.${secret} }}`,
      '  run: |',
      `    jq -r '${filters.join(', ')} | select(. != null) | tostring | split("\\n")[] | select(. != "") | "::add-mask::" + .' <<< "$SECRET_JSON"`,
    ].join('\n')),
  };
}
