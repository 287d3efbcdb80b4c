import { definePractice } from '../practice';
import type { Repository } from '../../repository';
import { evidenceAt, isIdle, lastPerJob, linesAhead, placeOf, deployments, softStep, stepsAhead, type Deployment } from '../shared/deployments';
import { linesOf, type Line } from '../shared/lines';
import { ratio } from '../shared/verdict';
import { preflightScaffold } from './scaffolds/preflight';

/** What is looked at ahead of a deployment, and how that is told from a command. */
const CHECKS: readonly { readonly name: string; readonly seen: (line: Line) => boolean }[] = [
  {
    name: 'environment variables',
    seen: l => /\$\{\w+:\?/.test(l.raw) || (/^(?:\[|\[\[|test)$/.test(l.words[0]!) && /(?:^|\s)-[zn]\s+["']?\$/.test(l.raw)) || /^(?:envsubst -v|printenv)\b/.test(l.text) && l.looked,
  },
  {
    name: 'credentials',
    seen: l => /^(?:aws sts get-caller-identity|kubectl (?:-\S+ )*(?:auth can-i|auth whoami|cluster-info|version)|gcloud auth (?:print-access-token|list)|gcloud projects describe|az account show|docker login|fly(?:ctl)? auth whoami|vercel whoami|heroku auth:whoami|wrangler whoami|gh auth status|argocd account|doctl account get|oc whoami|npm whoami)/.test(l.text),
  },
  { name: 'disk space', seen: l => l.words[0] === 'df' },
  {
    name: 'dependencies',
    seen: l => (l.words[0] === '$' ? /\bcommand\s+-v\b/.test(l.raw) : /^(?:which|hash)$/.test(l.words[0]!) || /^(?:type -[pPt]|command -v)/.test(l.text))
      || /^(?:command\s+-v)/.test(l.raw) || /^(?:pg_isready|nc -z|redis-cli ping|mysqladmin ping)/.test(l.text),
  },
];

/** Names of what is looked at ahead of a deployment, in jobs and steps whose failure stops it. */
function checkedAhead(repo: Repository, d: Deployment): Set<string> {
  const lines = [...linesAhead(repo, d), ...stepsAhead(repo, d).filter(s => !isIdle(s, d) && !softStep(s)).flatMap(s => linesOf(repo, s))];
  return new Set(CHECKS.filter(c => lines.some(l => !l.soft && c.seen(l))).map(c => c.name));
}

function subjects(repo: Repository): Deployment[] {
  const last = new Set(lastPerJob([...deployments(repo)].reverse()));
  return deployments(repo).filter(d => last.has(d));
}

export default definePractice({
  id: 'preflight',
  title: 'Preflight checks',
  category: 'Reliability',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Environment variables, credentials, disk space and dependencies are looked at before anything is deployed.',
    why: 'A deployment that stops half-way for want of a variable leaves more behind than one that never began.',
    references: [
      'https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_06_02',
      'https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access',
    ],
  },
  applies: repo => deployments(repo).length > 0,
  evidence(repo) {
    const all = subjects(repo).map(d => ({ d, checked: checkedAhead(repo, d) }));
    return ratio(all.reduce((n, x) => n + x.checked.size, 0), all.length * CHECKS.length,
      all.filter(x => x.checked.size > 0).map(({ d, checked }) => evidenceAt(d, `${[...checked].join(', ')} are looked at ahead of it`)),
      all.filter(x => x.checked.size < CHECKS.length).map(({ d, checked }) =>
        `a check of ${CHECKS.filter(c => !checked.has(c.name)).map(c => c.name).join(', ')} ahead of ${placeOf(d)}`));
  },
  scaffold: preflightScaffold(repo => subjects(repo).filter(d => checkedAhead(repo, d).size < CHECKS.length)),
});
