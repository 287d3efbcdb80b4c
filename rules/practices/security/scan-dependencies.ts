import { definePractice, type Verdict } from '../practice';
import { compileGlob } from '../../engine/glob';
import { repoFacts, type Project, type Repository } from '../../repository';
import { elsewhere } from '../shared/other-ci';
import { jobScaffold } from '../shared/scaffold';
import { checkoutStep, jobHead, pin, yamlText } from '../shared/snippets';
import { evidenceOf, sightings, type Sighting } from '../shared/sightings';
import { distinct, toolVerdict, unique } from '../shared/verdict';

const projects = (repo: Repository): readonly Project[] => repoFacts(repo).stack.projects;

/** pip's plain lists: versions that nothing has locked have to be resolved before they can be looked up. */
function requirements(repo: Repository): string[] {
  return projects(repo).filter(p => p.manager === 'pip' && p.manifest.endsWith('requirements.txt')).map(p => p.manifest);
}

/** Manifests whose versions stand in no file that a scanner can read. */
function unreadable(repo: Repository): Project[] {
  return projects(repo).filter(p => !p.member && !p.lockfile && p.manager !== 'go' && p.manager !== 'maven'
    && !p.manifest.endsWith('requirements.txt'));
}

const LOOKED_FOR = 'npm audit, pip-audit, osv-scanner, govulncheck, cargo audit, Trivy fs, Grype, Snyk or another scanner of dependencies that runs on pull requests and can fail';

/** The files that a scan waits for, where neither a manifest nor a lockfile is among them: a new dependency doesn't start it. */
function waitsFor(repo: Repository, s: Sighting): readonly string[] | undefined {
  const patterns = s.job.onChange.map(t => t.paths);
  if (patterns.length === 0 || patterns.includes(undefined)) return undefined;
  const paths = patterns.flatMap(p => p ?? []), files = projects(repo).flatMap(p => [p.manifest, p.lockfile ?? p.manifest]);
  return files.some(f => paths.some(p => compileGlob(p)?.(f) ?? true)) ? undefined : paths;
}

function evidence(repo: Repository): Verdict {
  const good = sightings(repo, 'dependencies').filter(s => !s.problem), narrow = good.map(s => waitsFor(repo, s));
  if (good.length === 0 || narrow.includes(undefined)) return toolVerdict(repo, 'dependencies', LOOKED_FOR);
  const files = (i: number): string => unique(narrow[i]!).slice(0, 3).join(', ');
  return { result: 0.5, evidence: distinct(good).map(s => evidenceOf(s, `${s.tool} runs on pull requests that touch ${files(good.indexOf(s))}`)),
    lookedFor: ['a scan that a new dependency starts: manifests and lockfiles among its paths'] };
}

export default definePractice({
  id: 'scan-dependencies',
  title: 'Dependency scanning',
  category: 'Security',
  level: 3,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Dependencies are checked against known vulnerabilities in every pull request, and a serious one fails the check.',
    why: 'Most of a program is other people’s code, and its holes are published together with the way to use them.',
    references: [
      'https://github.com/anchore/grype',
      'https://github.com/pypa/pip-audit',
      'https://github.com/ossf/scorecard/blob/main/docs/checks.md#vulnerabilities',
      'https://baseline.openssf.org/versions/2025-02-25#osps-vm-05---the-project-must-define-and-enforce-a-threshold-for-remediation-of-sca-findings',
    ],
  },
  applies: repo => projects(repo).length > 0,
  evidence: repo => elsewhere(repo, 'scan-dependencies', evidence(repo)),
  scaffold: jobScaffold({
    title: 'Add a dependency-scan job',
    there: repo => evidence(repo).result === 1 ? 'Dependencies are scanned on pull requests already.' : undefined,
    plan(repo) {
      const all = projects(repo);
      if (all.length === 0) return { refused: 'There is no package manifest in this repository: there are no dependencies to scan.' };
      const lists = requirements(repo), blind = unreadable(repo);
      const ecosystems = [...new Set(all.map(p => p.ecosystem))].sort();
      // Grype reads the lockfiles of every ecosystem that is told apart here: one pinned action instead of a tool for each.
      const scan = [
        '  - name: Scan lockfiles',
        `    uses: ${pin('anchore/scan-action').text}`,
        '    with:',
        '      path: .',
        '      fail-build: true',
        '      severity-cutoff: high',
        '      output-format: table',
      ];
      const audit = lists.length === 0 ? [] : [
        '  - name: Audit Python requirements',
        `    uses: ${pin('pypa/gh-action-pip-audit').text}`,
        '    with:',
        ...(lists.length === 1 ? [`      inputs: ${yamlText(lists[0]!)}`] : ['      inputs: >-', ...lists.map(l => `        ${l}`)]),
      ];
      return {
        jobs: [{ id: 'dependency-scan', yaml: [...jobHead('Dependency scan', 15), 'steps:', ...checkoutStep(), ...scan, ...audit] }],
        explanation: `Adds a job that checks dependencies (${ecosystems.join(', ')}) against known vulnerabilities and fails on high and critical ones.`,
        todo: [
          ...blind.slice(0, 5).map(p => `Commit a lockfile for ${p.manifest}: without one its versions are known only when it is installed.`),
          ...(all.some(p => p.manager === 'maven') ? ['What pom.xml names is looked up, not what that brings along: add OWASP Dependency-Check (dependency-check:check) to the build for the rest.'] : []),
          'List a vulnerability that does not concern you in .grype.yaml, with the reason.',
        ],
      };
    },
  }),
});
