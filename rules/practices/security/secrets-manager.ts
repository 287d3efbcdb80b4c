import { definePractice, type Evidence, type FileChange, type Verdict } from '../practice';
import type { Repository } from '../../repository';
import { insertStep } from '../../workflow/edits';
import type { SourceDocument, TextEdit } from '../../workflow/document';
import { asMapping, asScalar, type ScalarNode } from '../../workflow/nodes';
import type { EnvMap, Job, Step } from '../../workflow/model';
import { isPages } from '../../checks/shared/deploy-gate';
import { isPreview } from '../../checks/shared/job-kind';
import { allowIdToken } from '../../checks/shared/oidc';
import { isIdentifierName, secretsOf } from '../../checks/shared/secrets';
import { deployJobs, type CiJob } from '../shared/ci';
import { storedLogins } from '../shared/cloud-logins';
import { whyNotForUse } from '../shared/releases';
import { applied } from '../shared/scaffold';
import { pin } from '../shared/snippets';
import { distinct, met, unique } from '../shared/verdict';
import { evidenceOf, sightings, type Sighting } from '../shared/sightings';
import { repositoryName, trustPolicy } from '../shared/trust-policies';

const values = (env: EnvMap | undefined): (ScalarNode | undefined)[] => env?.variables.map(v => v.value) ?? [];
const inStep = (s: Step): (ScalarNode | undefined)[] => [...values(s.env), ...(asMapping(s.with?.value)?.entries.map(e => asScalar(e.value)) ?? []), s.run?.scalar];

/** Secrets that GitHub keeps and that a value needs; the run's own token and mere names are none. */
function kept(scalars: readonly (ScalarNode | undefined)[]): string[] {
  return unique(scalars.flatMap(x => x ? secretsOf(x) : []).filter(s => !s.isRunToken && !isIdentifierName(s.name)).map(s => s.name));
}

/** Jobs that deploy to people, each once. */
function deploying(repo: Repository): CiJob[] {
  const seen = new Set<Job>();
  return deployJobs(repo).filter(j => !j.job.uses && j.triggers.length > 0 && !isPages(j.job) && !isPreview(j.job) && !seen.has(j.job) && seen.add(j.job));
}

/** Where a store gives secrets to something that is used: trying the store out is none. */
function stores(repo: Repository): Sighting[] {
  return sightings(repo, 'vault').filter(s => s.idle === undefined && whyNotForUse(s.job) === undefined);
}

interface Holder { readonly job: CiJob; readonly names: readonly string[]; readonly manager?: Sighting }

/** Those of them that need secrets, with where these come from. */
function holders(repo: Repository): Holder[] {
  const given = stores(repo);
  return deploying(repo).flatMap(job => {
    const manager = given.find(s => s.job.job === job.job);
    const names = kept([...values(job.job.env), ...job.job.steps.flatMap(inStep)]);
    return manager ? [{ job, names, manager }] : names.length > 0 ? [{ job, names }] : [];
  });
}

/** What opens a store and is kept at GitHub itself: one key in place of many, and as long-lived. */
const KEY = /^(?:vault_?token|.*vault.*token|.*role_?id|.*secret_?id)$/i;

function evidence(repo: Repository): Verdict {
  const all = holders(repo), seen: Evidence[] = [], open: string[] = [];
  let good = 0;
  for (const { job, names, manager } of all) {
    if (!manager) { open.push(`a store of secrets for ${names.slice(0, 4).join(', ')}${names.length > 4 ? ' and more' : ''} of ${job.job.id} in ${job.document.path}`); continue; }
    seen.push(evidenceOf(manager, `${job.job.id} gets its secrets from ${manager.tool}`));
    const token = names.find(n => KEY.test(n));
    good += token === undefined ? 1 : 0.5;
    if (token !== undefined) open.push(`a login to the store with an identity in place of ${token} (${job.job.id} in ${job.document.path})`);
  }
  if (all.length === 0) return met(distinct(stores(repo)).map(s => evidenceOf(s, `${s.tool} gives the secrets`)));
  return { result: good / all.length, evidence: seen.slice(0, 12), lookedFor: open.slice(0, 12) };
}

/** The job with its secrets from Vault: undefined where they stand above its steps, or it can't be added to. */
function fromVault(repo: Repository, document: SourceDocument, job: Job): { document: SourceDocument; names: string[] } | undefined {
  const names = kept(job.steps.flatMap(inStep));
  if (names.length === 0 || kept(values(job.env)).length > 0 || job.steps.some(s => s.id && asScalar(s.id.value)?.value === 'vault')) return undefined;
  const edits: TextEdit[] = [];
  for (const scalar of job.steps.flatMap(inStep)) {
    if (!scalar) continue;
    const { start, end } = document.range(scalar);
    for (const m of document.text.slice(start, end).matchAll(/\$\{\{\s*secrets\.([A-Za-z_]\w*)\s*\}\}/g)) {
      if (!names.some(n => n.toLowerCase() === m[1]!.toLowerCase())) continue;
      edits.push({ start: start + m.index, end: start + m.index + m[0].length, newText: `\${{ steps.vault.outputs.${m[1]!} }}` });
    }
  }
  const path = `secret/data/${repositoryName(repo) === 'OWNER/REPO' ? 'ci' : repositoryName(repo)}`;
  const named = unique(edits.map(e => /outputs\.(\w+)/.exec(e.newText)![1]!));
  let now = applied(document, edits.sort((a, b) => a.start - b.start));
  const again = now?.workflow?.jobs.find(j => j.id === job.id);
  now = now && again && applied(now, insertStep(now, again, 0, [
    '- name: Get the secrets',
    '  id: vault',
    `  uses: ${pin('hashicorp/vault-action').text}`,
    '  with:',
    '    url: ${{ vars.VAULT_ADDR }}',
    '    method: jwt',
    '    role: ${{ vars.VAULT_ROLE }}',
    // Steps get what they name, and nothing else sees it.
    '    exportEnv: false',
    '    secrets: |',
    ...named.map(n => `      ${path} ${n} | ${n} ;`),
  ].join('\n')));
  const last = now?.workflow?.jobs.find(j => j.id === job.id);
  const done = now && last && applied(now, allowIdToken(now, repo, last));
  const after = done?.workflow?.jobs.find(j => j.id === job.id);
  return done && after && kept(after.steps.flatMap(inStep)).length === 0 && named.length > 0 ? { document: done, names: named } : undefined;
}

export default definePractice({
  id: 'secrets-manager',
  title: 'Secrets manager',
  category: 'Security',
  level: 5,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Jobs that deploy get their secrets from a store (Vault, a cloud’s secret manager, 1Password, Doppler) when they need them.',
    why: 'A store changes keys by itself, gives each job its own, and records who has read what; a secret at GitHub does none of that.',
    references: [
      'https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html',
      'https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-hashicorp-vault',
    ],
  },
  applies: repo => holders(repo).length > 0 || stores(repo).length > 0,
  evidence,
  scaffold: {
    kind: 'edit',
    title: 'Get the secrets of deployments from Vault',
    plan(repo) {
      const open = holders(repo).filter(h => !h.manager);
      if (open.length === 0) return { refused: 'No job that deploys needs secrets that GitHub keeps, or they come from a store already.' };
      const docs = new Map<string, SourceDocument>(), names = new Set<string>(), jobs: string[] = [];
      for (const { job } of open) {
        const document = docs.get(job.document.path) ?? job.document;
        const current = document.workflow?.jobs.find(j => j.id === job.job.id);
        const made = document.problems.length === 0 && current ? fromVault(repo, document, current) : undefined;
        if (!made) continue;
        docs.set(document.path, made.document);
        jobs.push(job.job.id);
        for (const n of made.names) names.add(n);
      }
      if (docs.size === 0) return { refused: `The secrets of ${unique(open.map(h => h.job.job.id)).join(', ')} stand above the steps, or in a form that can’t be replaced by itself: move them to the steps that need them first.` };
      const environments = unique(open.map(h => h.job.job.environment?.name?.value ?? '').filter(n => n !== '' && !n.includes('${{')));
      const policy = trustPolicy(repo, 'vault', environments);
      const changes: FileChange[] = [...docs.values()].map(d => ({ path: d.path, created: false, newText: d.text }));
      if (!repo.has(policy.path)) changes.push({ path: policy.path, created: true, newText: policy.text });
      return {
        changes,
        explanation: `Lets ${jobs.join(', ')} get ${[...names].join(', ')} from Vault, with an identity of the job in place of a key.`,
        todo: [...(storedLogins(repo).length > 0 ? ['Keys of a cloud don’t belong into a store either: let jobs log in without keys first (oidc-cloud-auth).'] : []), policy.todo, `Put ${[...names].join(', ')} into Vault under the path that the step names, and its address into the variable VAULT_ADDR.`,
          'When it works, delete these secrets at GitHub. If you use another store, put its action in place of the step: the outputs keep their names.'],
      };
    },
  },
});
