import { definePractice, type Verdict } from '../practice';
import type { Repository } from '../../repository';
import { documents, spoken } from '../shared/documents';
import { documentScaffold } from '../shared/generated';
import { met, missing } from '../shared/verdict';

const PATH = 'docs/compliance.md';
const NAMES = /(?:^|\/)[^/]*(?:complian|conformance|controls?|standards?|soc-?2|iso-?27001|nist|ssdf|slsa|owasp|gdpr|cis[-_]|osps|baseline|best[-_]practices|self[-_]assessment|audit|security)[^/]*\.(?:mdx?|rst|adoc|ya?ml|csv|json)$|(?:^|\/)(?:compliance|audit|governance|security)\/[^/]+\.(?:mdx?|rst|adoc|ya?ml|csv|json)$/i;
const OTHER = /(?:^|\/)(?:\.github\/(?:workflows|issue_template|actions)\/|package(?:-lock)?\.json$|changelog|test\/|tests\/)/i;

/** Ids of requirements as the standards write them. */
const STANDARDS: readonly (readonly [string, RegExp])[] = [
  ['OWASP CI/CD', /\bCICD-SEC-(?:10|[1-9])\b/g], ['OWASP Top 10', /\bA(?:0[1-9]|10):20\d\d\b/g], ['SLSA', /\b(?:SLSA )?(?:Build|Source|Dependency)(?: track)? (?:L|level )[0-4]\b|\bSLSA (?:L|level )?[0-4]\b/gi],
  ['CIS', /\bCIS (?:control )?\d{1,2}(?:\.\d{1,2}){1,2}\b/gi], ['OSPS', /\bOSPS-[A-Z]{2}-\d\d(?:\.\d\d)?\b/g], ['SOC 2', /\b(?:CC[1-9]\.\d|A1\.[123])\b/g], ['ISO 27001', /\bA\.(?:[5-8]|1[0-8])\.\d{1,2}(?:\.\d{1,2})?\b/g],
  ['NIST CSF', /\b(?:GV|ID|PR|DE|RS|RC)\.[A-Z]{2}-\d{1,2}\b/g], ['NIST SSDF', /\bP[OSW]\.\d(?:\.\d)?\b|\bRV\.\d(?:\.\d)?\b/g], ['NIST 800-53', /\b(?:AC|AU|CA|CM|CP|IA|IR|RA|SA|SC|SI|SR)-\d{1,2}(?:\(\d{1,2}\))?\b/g],
  ['GDPR', /\bArt(?:icle|\.)? ?(?:5|24|25|32|33|35)\b/g], ['PCI DSS', /\bPCI[- ]DSS (?:requirement )?\d{1,2}(?:\.\d{1,2}){0,2}\b/gi],
];
const CONTROLS = /\b(?:workflows?|pipelines?|CI\/CD|GitHub Actions|branch protection|CodeQL|Dependabot|code review|CODEOWNERS|\.github\/)/i;
/** From this number of requirements on a text maps them; a mention or two is a mention. */
const ENOUGH = 5, SOME = 2;

function evidence(repo: Repository): Verdict {
  const found = documents(repo, NAMES).filter(f => !OTHER.test(f.path));
  let best: { readonly path: string; readonly ids: number; readonly standards: readonly string[] } | undefined;
  for (const { path, text } of found) {
    const said = text === undefined ? '' : spoken(text);
    if (!CONTROLS.test(said)) continue;
    const ids = STANDARDS.map(([name, r]) => [name, new Set(said.match(r) ?? []).size] as const).filter(([, n]) => n > 0);
    const total = ids.reduce((n, [, own]) => n + own, 0);
    if (total >= SOME && (!best || total > best.ids)) best = { path, ids: total, standards: ids.map(([name]) => name) };
  }
  if (best) {
    const seen = [{ path: best.path, text: `names ${best.ids} requirements of ${best.standards.slice(0, 4).join(', ')}` }];
    return best.ids >= ENOUGH ? met(seen) : { result: best.ids / ENOUGH, evidence: seen, lookedFor: [`at least ${ENOUGH} requirements with the controls that stand for them`] };
  }
  const unread = found.filter(f => f.text === undefined && /complian|soc-?2|iso-?27001|nist|ssdf|owasp|gdpr|osps|self[-_]assessment/i.test(f.path)).map(f => f.path);
  if (unread.length > 0) return { result: 'unknown', evidence: [], lookedFor: [`${unread.slice(0, 3).join(', ')} could not be read`] };
  return missing(`a map of controls to requirements of standards, for instance ${PATH}`, 'requirements by their ids (CICD-SEC-4, CC8.1, A.8.32, PR.PS-06, OSPS-AC-04.01, …)');
}

export default definePractice({
  id: 'compliance-map',
  title: 'Map of standards',
  category: 'Security',
  level: 5,
  severity: 'low',
  since: '0.1.0',
  docs: {
    summary: 'A document maps the controls of the pipeline to requirements of standards: OWASP, SLSA, CIS, OSPS, SOC 2, ISO 27001, NIST CSF, GDPR.',
    why: 'Who is asked for evidence finds it in a minute; and what a standard asks for and nobody does is seen before an auditor sees it.',
    references: [
      'https://owasp.org/www-project-top-10-ci-cd-security-risks/',
      'https://baseline.openssf.org/',
      'https://www.nist.gov/cyberframework',
    ],
  },
  applies: () => true,
  evidence,
  scaffold: documentScaffold({
    title: 'Add a map of standards',
    document: 'compliance',
    path: PATH,
    mark: 'ci-hardening report --section compliance',
    there: repo => { const v = evidence(repo); return v.result === 1 ? v.evidence[0]!.path : undefined; },
    explanation: `Adds ${PATH}: requirements of nine standards, each with the evidence that was seen, the gap, or that no control here is about it.`,
    todo: ['Leave out the standards that nobody asks you for.', 'Add what isn’t done in the pipeline: policies, training, access of people.', 'Make it again when workflows change: ci-hardening report --section compliance.'],
  }),
});
