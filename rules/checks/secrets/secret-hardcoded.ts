import { defineRule, type Fix } from '../../engine/rule';
import { BlockMemo } from '../../workflow/block-memo';
import { replaceScalar } from '../../workflow/edits';
import type { EnvMap, Job, Step, Workflow } from '../../workflow/model';
import { asMapping, asScalar, type Block, type Entry, type ScalarNode, type Span } from '../../workflow/nodes';
import { findTokens, type FoundToken } from '../shared/tokens';

/** A block is looked through once, whatever happens around it. */
const kept = new BlockMemo<Block, readonly FoundToken[]>();

export default defineRule({
  id: 'secret-hardcoded',
  category: 'secrets',
  severity: 'critical',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds tokens, keys and private keys that are written out in a workflow, action or dependabot file.',
    why: 'Everybody who can read the repository, a fork or its history can use them, and machines look for them within minutes.',
    references: [
      'https://docs.github.com/en/code-security/tutorials/remediate-leaked-secrets/remediating-a-leaked-secret',
      'https://docs.github.com/en/actions/reference/security/secure-use#use-secrets-for-sensitive-information',
    ],
    standards: ['SEC-6', 'CIS 1.5.1', 'CIS 2.3.8', 'OSPS-BR-07.01'],
  },
  messages: {
    token: '{what}{shown} in plain text: everybody who reads the repository, a fork or its history has it. Revoke it where it was issued, and store its successor as a secret.',
  },
  create(context) {
    const look = (entries: readonly Entry[], workflow?: Workflow): void => {
      const blocks = new Set(entries.map(e => e.key.block));
      for (const block of blocks) {
        context.instance();
        for (const token of tokensOf(block)) {
          const at: Span = { block, start: token.start, end: token.end };
          const place = workflow && placeOf(workflow, at);
          const fix = place && replacement(place, at, token);
          context.report({
            at, messageId: 'token', data: { what: token.what[0]!.toUpperCase() + token.what.slice(1), shown: token.prefix ? ` (\`${token.prefix}…\`)` : '' },
            ...(token.certain ? {} : { confidence: 'medium' as const }), ...(place ? { step: place.step, job: place.job } : {}), fixes: fix ? [fix] : [],
          });
        }
      }
    };
    return {
      workflow(workflow) { look([...workflow.entries, ...workflow.jobs.map(j => j.entry)], workflow); },
      action(action) { look(action.entries); },
      dependabot(file) { look(file.entries); },
    };
  },
});

function tokensOf(block: Block): readonly FoundToken[] {
  return kept.get(block, block, b => findTokens(b.text));
}

interface Place { readonly job: Job; readonly step: Step; readonly key: string; readonly scalar: ScalarNode }

/** The variable or input of a step that holds a place: there an expression may stand. */
function placeOf(workflow: Workflow, at: Span): Place | undefined {
  for (const job of workflow.jobs) {
    if (job.entry.block !== at.block) continue;
    for (const step of job.steps) {
      if (at.start < step.node.start || at.end > step.node.end) continue;
      for (const entry of [...variables(step.env), ...(asMapping(step.with?.value)?.entries ?? [])]) {
        const scalar = asScalar(entry.value);
        if (scalar && scalar === entry.value && scalar.start <= at.start && at.end <= scalar.end) return { job, step, key: entry.key.value, scalar };
      }
    }
  }
  return undefined;
}

function variables(env: EnvMap | undefined): readonly Entry[] { return env?.variables.map(v => v.entry) ?? []; }

/** Unsafe: the secret has to be made first. Text of several lines is code or a file, where a secret does not belong either. */
function replacement({ key, scalar }: Place, at: Span, token: FoundToken): Fix | undefined {
  if (scalar.anchor || scalar.tag || scalar.style === 'literal' || scalar.style === 'folded' || /[\r\n]/.test(scalar.value) || scalar.value.includes('${{')) return undefined;
  const name = secretName(key, token.what);
  const reference = `\${{ secrets.${name} }}`;
  return {
    title: `Read it from secrets.${name}`,
    safety: 'unsafe',
    preferred: true,
    edits({ document }) {
      if (!document.has(at)) return undefined;
      const value = scalar.value.replaceAll(document.source(at), () => reference);
      return value === scalar.value ? undefined : replaceScalar(document, scalar, value);
    },
  };
}

/** After the key that holds it: `API_TOKEN`. Names that GitHub refuses are called after the issuer. */
function secretName(key: string, what: string): string {
  const name = key.toUpperCase().replace(/\W+/g, '_');
  const own = what.toUpperCase().replace(/\W+/g, '_').replace(/^GITHUB_/, 'GH_');
  return /^GITHUB_|^\d|^_*$/.test(name) ? own : name.length < 4 || /^(?:TOKEN|PASSWORD|KEY|SECRET)$/.test(name) ? own : name;
}
