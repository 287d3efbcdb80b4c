import { definePractice, type Evidence } from '../practice';
import type { Repository } from '../../repository';
import { conditionOf } from '../../workflow/expressions';
import { isLookedAt, isTrue } from '../shared/ci';
import { evidenceOf, sightings, type Sighting } from '../shared/sightings';
import type { ToolKind } from '../shared/tools';
import { ratio } from '../shared/verdict';

const GATES: readonly ToolKind[] = ['test', 'lint', 'types', 'secrets', 'sast', 'dependencies', 'container'];

interface Gate { readonly at: Sighting; readonly soft?: string }

/** One gate per step; a step that calls several tools is soft where one of them is. */
function gates(repo: Repository): Gate[] {
  const bySteps = new Map<object, Gate>();
  for (const kind of GATES) {
    for (const s of sightings(repo, kind)) {
      if (!s.step) continue;
      const key = s.step.step, known = bySteps.get(key);
      if (known?.soft === undefined) bySteps.set(key, { at: s, soft: softness(s) });
    }
  }
  return [...bySteps.values()];
}

/** Not whether the gate runs on pull requests: whether its failure is heard when it runs. */
function softness(s: Sighting): string | undefined {
  const step = s.step!.step, condition = conditionOf(step.if);
  if (condition?.root.kind === 'literal' && condition.root.value === false) return 'if: false turns it off';
  const off = conditionOf(s.job.job.if);
  if (off?.root.kind === 'literal' && off.root.value === false) return 'if: false turns its job off';
  if (isTrue(step.continueOnError) && !isLookedAt(s.step!)) return 'continue-on-error hides its failure';
  if (isTrue(s.job.job.continueOnError)) return 'continue-on-error of its job hides its failure';
  // What the tool itself does is in the problem, unless it is about when it runs.
  return s.absent === undefined ? s.problem : undefined;
}

export default definePractice({
  id: 'no-soft-failures',
  title: 'No soft failures',
  category: 'Quality',
  level: 3,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'No test, lint or scan is told to succeed whatever it finds.',
    why: 'A check that can’t fail looks like protection and is none: people stop reading it within a week.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepscontinue-on-error',
      'https://baseline.openssf.org/versions/2025-02-25#osps-qa-03---the-project-must-enforce-status-checks',
    ],
  },
  applies: repo => gates(repo).length > 0,
  evidence(repo) {
    const all = gates(repo), soft = all.filter(g => g.soft !== undefined);
    const evidence: Evidence[] = soft.length > 0
      ? soft.map(g => evidenceOf(g.at, `${g.at.tool}: ${g.soft!}`))
      : all.map(g => evidenceOf(g.at, `${g.at.tool} can fail`));
    return ratio(all.length - soft.length, all.length, evidence, soft.map(g => `${g.at.tool} in ${g.at.document.path}: ${g.soft!}`));
  },
  scaffold: null,
});
