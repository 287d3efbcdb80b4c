import { definePractice, type Verdict } from '../practice';
import type { Repository } from '../../repository';
import { scanNonBlocking, softFailGate, softFailShell } from '../../checks/shared/fixing-rules';
import { fixEverywhere, narrowed, withChanges } from '../shared/rule-fixes';
import { evidenceOf, handsOver, sightings, where, type Sighting } from '../shared/sightings';
import type { ToolKind } from '../shared/tools';
import { ratio, unique } from '../shared/verdict';

const KINDS: readonly ToolKind[] = ['secrets', 'sast', 'dependencies', 'container', 'iac', 'dast', 'review'];
/** Of the rules about gates, what they say of scans. */
const RULES = [scanNonBlocking, ...[softFailGate, softFailShell].map(r => narrowed(r, data => data['kind'] === 'scan'))];

/** One tool in one job: it may be run once for the report and once for the verdict. */
interface Scan { readonly first: Sighting; readonly problem?: string }

function scans(repo: Repository): Scan[] {
  const lists = new Set(sightings(repo, 'sbom').map(s => s.step));
  const groups = new Map<string, Sighting[]>();
  for (const s of KINDS.flatMap(k => sightings(repo, k))) {
    // A list of what is inside finds nothing, and can't block.
    if (s.step && lists.has(s.step)) continue;
    const key = [s.document.path, s.step?.outer?.step.item.start ?? '', s.step ? s.job.job.id : s.job.job.id, s.tool].join(' ');
    const group = groups.get(key);
    if (group) group.push(s); else groups.set(key, [s]);
  }
  return [...groups.values()].map(group => {
    const good = group.find(s => (s.soft ?? s.idle) === undefined);
    return { first: good ?? group[0]!, ...(good ? {} : { problem: group[0]!.idle ?? group[0]!.soft! }) };
  });
}

function evidence(repo: Repository): Verdict {
  const all = scans(repo), good = all.filter(s => s.problem === undefined);
  return ratio(good.length, all.length,
    good.map(s => evidenceOf(s.first, handsOver(s.first) ? `${s.first.tool} hands its results to code scanning` : `${s.first.tool} can fail`)),
    unique(all.filter(s => s.problem !== undefined).map(s => `${where(s.first)} (job ${s.first.job.job.id}) can't fail: ${s.problem!}`)));
}

export default definePractice({
  id: 'scan-blocking',
  title: 'Blocking scans',
  category: 'Security',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Every security scanner that runs can fail its job, or hands its results to code scanning.',
    why: 'A scanner that succeeds whatever it finds gives everybody the impression that nothing was found.',
    references: [
      'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-01-Insufficient-Flow-Control-Mechanisms',
      'https://baseline.openssf.org/versions/2025-02-25#osps-vm-06---the-project-must-define-and-enforce-a-threshold-for-remediation-of-sast-findings',
    ],
  },
  applies: repo => scans(repo).length > 0,
  evidence,
  scaffold: {
    kind: 'edit',
    title: 'Let scanners fail their jobs',
    plan(repo) {
      const open = scans(repo).filter(s => s.problem !== undefined);
      if (open.length === 0) return { refused: scans(repo).length === 0 ? 'No security scanner runs in this repository.' : 'Every security scanner can fail already.' };
      const { changes } = fixEverywhere(repo, RULES);
      const left = scans(withChanges(repo, changes)).filter(s => s.problem !== undefined);
      if (changes.length === 0) return { refused: `What keeps these scanners from failing can’t be taken away by itself: ${unique(open.map(s => `${where(s.first)} (${s.problem!})`)).join('; ')}.` };
      return {
        changes,
        explanation: `Lets ${unique(open.map(s => where(s.first)).filter(w => !left.some(l => where(l.first) === w))).join(', ') || 'scanners'} fail the job: what kept them from it is taken away.`,
        todo: [
          'Look at what the scanners find today: the next run fails for it. List what you accept in the scanner’s own file, with the reason.',
          ...unique(left.map(s => `${where(s.first)} still can’t fail: ${s.problem!}.`)),
        ],
      };
    },
  },
});
