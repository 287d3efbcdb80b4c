import { definePractice, type FileChange, type Verdict } from '../practice';
import type { Repository } from '../../repository';
import { cloudStaticCredentials } from '../../checks/shared/fixing-rules';
import { allowIdToken } from '../../checks/shared/oidc';
import { identityLogins, storedLogins, type Cloud, type StoredLogin } from '../shared/cloud-logins';
import { fixEverywhere, withChanges } from '../shared/rule-fixes';
import { applied } from '../shared/scaffold';
import { repositoryName, trustPolicy } from '../shared/trust-policies';
import { met, missing, ratio, unique } from '../shared/verdict';

/** A key of one cloud in one job is one login, however many parts it has. */
function stored(repo: Repository): StoredLogin[] {
  const seen = new Set<string>();
  return storedLogins(repo).filter(l => { const key = `${l.cloud} ${l.path} ${l.job ?? ''}`; return !seen.has(key) && seen.add(key); });
}

function evidence(repo: Repository): Verdict {
  const identities = identityLogins(repo), good = identities.filter(l => l.problem === undefined), kept = stored(repo);
  const wanted = [...kept.map(l => `a login with OpenID Connect: ${l.message} (${l.path})`),
    ...identities.filter(l => l.problem !== undefined).map(l => `${l.evidence.path}: ${l.evidence.text}, but ${l.problem!}`)];
  if (wanted.length === 0) return good.length > 0 ? met(good.map(l => l.evidence)) : missing('a login to a cloud');
  return ratio(good.length, identities.length + kept.length, good.map(l => l.evidence), unique(wanted));
}

/** Environments of the jobs that log in to a cloud: the subject of their identity names them. */
function environments(repo: Repository, cloud: Cloud): string[] {
  const names = repo.documents.flatMap(d => (d.workflow?.jobs ?? []).filter(j => {
    const range = d.range(j.entry);
    return stored(repo).some(l => l.cloud === cloud && l.path === d.path && l.job !== undefined && l.job >= range.start && l.job < range.end);
  }).map(j => j.environment?.name?.value ?? ''));
  return unique(names.filter(n => n !== '' && !n.includes('${{')));
}

/** Jobs that log in with an identity and may not ask for one. */
function allowed(repo: Repository): FileChange[] {
  const changes = new Map<string, FileChange>();
  for (const l of identityLogins(repo)) {
    if (l.problem === undefined) continue;
    const { document, job } = l.step.job;
    const next = applied(document, allowIdToken(document, repo, job));
    if (next && next.text !== document.text) changes.set(document.path, { path: document.path, created: false, newText: next.text });
  }
  return [...changes.values()];
}

export default definePractice({
  id: 'oidc-cloud-auth',
  title: 'Cloud logins without keys',
  category: 'Security',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Jobs log in to clouds with the identity that GitHub gives them (OpenID Connect), and no key of a cloud is kept.',
    why: 'A stored key works from anywhere until somebody changes it; an identity works for one job, for minutes.',
    references: [
      'https://docs.github.com/en/actions/concepts/security/openid-connect',
      'https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-cloud-providers',
    ],
  },
  applies: repo => identityLogins(repo).length > 0 || storedLogins(repo).length > 0,
  evidence,
  scaffold: {
    kind: 'edit',
    title: 'Log in to clouds without keys',
    plan(repo) {
      const kept = stored(repo);
      if (kept.length === 0 && identityLogins(repo).length === 0) return { refused: 'No job of this repository logs in to AWS, Azure, Google Cloud or Vault.' };
      if (evidence(repo).result === 1) return { refused: 'Every login to a cloud uses an identity already.' };
      const { changes: fixed } = fixEverywhere(repo, [cloudStaticCredentials]);
      const first = withChanges(repo, fixed), more = allowed(first);
      const files = [...fixed.filter(c => !more.some(m => m.path === c.path)), ...more];
      const clouds = [...new Set(kept.map(l => l.cloud))].sort();
      const policies = clouds.map(c => trustPolicy(repo, c, environments(repo, c))).filter(p => !repo.has(p.path));
      const changes = [...files, ...policies.map(p => ({ path: p.path, created: true, newText: p.text }))];
      const left = stored(withChanges(repo, changes));
      if (changes.length === 0) return { refused: `These keys can’t be replaced by themselves: ${unique(left.map(l => `${l.message} (${l.path})`)).join('; ')}.` };
      return {
        changes,
        explanation: `${files.length > 0 ? 'Lets jobs log in with OpenID Connect in place of stored keys' : 'Prepares logins with OpenID Connect'}${policies.length > 0 ? `; ${policies.map(p => p.path).join(', ')} ${policies.length === 1 ? 'is' : 'are'} what the cloud is set up with` : ''}.`,
        todo: [
          ...policies.map(p => p.todo),
          ...(policies.length > 0 && repositoryName(repo) === 'OWNER/REPO' ? ['Put the name of this repository in place of OWNER/REPO.'] : []),
          ...(kept.length > 0 ? ['Set up the cloud first: until it trusts the repository, the login fails. When it works, delete the stored key at GitHub and at the cloud.'] : []),
          ...unique(left.map(l => `By hand: ${l.message} (${l.path}).`)),
        ],
      };
    },
  },
});
