import type { Taint } from '../../catalog/contexts';
import { defineRule, type Fix } from '../../engine/rule';
import { expressionSpan, expressionsOf, pathOf, type Expression } from '../../workflow/expressions';
import type { Script } from '../../workflow/model';
import { asMapping, asScalar, type ScalarNode } from '../../workflow/nodes';
import { parseScript, quotingAt, shellOf } from '../../workflow/scripts';
import { hoistFix, sameValue } from '../shared/hoist';
import { javascriptReplacer } from '../shared/hoist-javascript';
import { shellReplacer } from '../shared/hoist-shell';
import { givenSecrets, isIdentifierName, secretVariables, type SecretRead } from '../shared/secrets';
import { workflowShell } from '../shared/workflow-facts';

export default defineRule({
  id: 'secret-in-script',
  category: 'secrets',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds `${{ secrets.NAME }}` in the text of a `run:` script, or of a script of actions/github-script.',
    why: 'The value becomes shell code: a quote or `$` in it breaks the script, and it stands in the script file on disk and in the arguments that other processes can list.',
    references: [
      'https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/use-secrets#using-secrets-in-a-workflow',
      'https://docs.github.com/en/actions/reference/security/secure-use#use-secrets-for-sensitive-information',
    ],
    standards: ['SEC-6'],
  },
  messages: {
    javascript: '`{secret}` is pasted into this JavaScript before it is read, so a quote in it ends yours. Pass it through `env:` and read `process.env`.',
    token: '`{secret}` is pasted into this script, so it is written to disk with it, and other processes can list it where it is an argument. Pass it through `env:`.',
    pasted: '`{secret}` is pasted into this script before the shell reads it, so its characters are read as code and it is written to disk with the script. Pass it through `env:` and use the variable in quotes.',
  },
  create(context) {
    const report = (scalar: ScalarNode, expression: Expression, { name, isRunToken, node }: SecretRead, messageId: 'pasted' | 'token' | 'javascript', fix: Fix | undefined): void => {
      context.report({
        at: expressionSpan(scalar, expression), messageId, data: { secret: pathOf(node)?.[0] === 'github' ? 'github.token' : `secrets.${name}` },
        adjust: isRunToken ? [{ by: -1, reason: 'this token ends with the job, and has no characters that a script reads as code' }]
          : isIdentifierName(name) ? [{ by: -1, reason: 'its name says that it opens nothing by itself' }] : [],
        fixes: fix ? [fix] : [],
      });
    };
    return {
      script(script) {
        const { scalar, step } = script;
        const pasted = expressionsOf(scalar).map(expression => ({ expression, secret: givenSecrets(expression)[0] })).filter(p => p.secret !== undefined);
        if (pasted.length > 0 || secretVariables(step.env).length > 0) context.instance();
        if (pasted.length === 0) return;
        const { shell, certain } = shellOf(step, step.job ? context.query(workflowShell) ?? undefined : undefined);
        for (const { expression, secret } of pasted) {
          const fix = certain ? hoist(script, shell, expression, secret!.name) : undefined;
          report(scalar, expression, secret!, secret!.isRunToken ? 'token' : 'pasted', fix);
        }
      },
      uses(uses, { step }) {
        if (uses.owner?.toLowerCase() !== 'actions' || uses.repo?.toLowerCase() !== 'github-script' || !step) return;
        const entry = asMapping(step.with?.value)?.entries.find(e => e.key.value.toLowerCase() === 'script');
        const scalar = asScalar(entry?.value);
        if (!entry || !scalar) return;
        const pasted = expressionsOf(scalar).map(expression => ({ expression, secret: givenSecrets(expression)[0] })).filter(p => p.secret !== undefined);
        if (pasted.length > 0 || secretVariables(step.env).length > 0) context.instance();
        const replace = pasted.length > 0 ? javascriptReplacer(scalar.value) : undefined;
        for (const { expression, secret } of pasted) {
          report(scalar, expression, secret!, 'javascript', replace && hoistFix(step, entry, scalar, expression, taintOf(expression, secret!.name), replace));
        }
      },
    };
  },
});

/**
 * The variable is called `SECRET_…`: under the secret's own name tools would find it (`KUBECONFIG`, `GH_TOKEN`, `AWS_ACCESS_KEY_ID`) and
 * do something else than before.
 */
function taintOf({ start, end }: Expression, name: string): Taint {
  return { tainted: true, path: `secret_${name}`, kind: 'text', who: '', events: [], start, end };
}

function hoist({ step, entry, scalar }: Script, shell: string, expression: Expression, name: string): Fix | undefined {
  const replace = shellReplacer(scalar.value, shell);
  const fix = replace && hoistFix(step, entry, scalar, expression, taintOf(expression, name), replace);
  if (!fix) return undefined;
  const alike = expressionsOf(scalar).filter(e => sameValue(e, expression));
  return alike.some(e => isWord(scalar.value, shell, e)) ? { ...fix, safety: 'unsafe' } : fix;
}

/** A word of its own without quotes: empty it is no argument, with spaces it is several. In quotes it is always one. */
function isWord(text: string, shell: string, { start, end }: Expression): boolean {
  return quotingAt(parseScript(text, shell), start) === 'unquoted' && /^$|[\s;|&()<>]/.test(text[start - 1] ?? '') && /^$|[\s;|&()<>]/.test(text[end] ?? '');
}
