/** Names images by commit where the workflow that pushes them is the one that deploys them. */
import type { Repository } from '../../../repository';
import type { Step } from '../../../workflow/model';
import { asMapping, asScalar } from '../../../workflow/nodes';
import type { Scaffold } from '../../practice';
import type { Deployment } from '../../shared/deployments';
import { Changes } from '../../shared/deploy-edits';

const NAMED = /(?<![\w./-])([\w.-]+(?::\d+)?(?:\/[\w.-]+)*\/?[\w.-]*):(latest|main|master|dev|develop|stable|edge|prod|production|staging)(?![\w./-])/;

function movingImage(d: Deployment): string | undefined { return NAMED.exec((d.line?.file === undefined && d.line ? d.line.raw : '').replace(/https?:\S+/g, ''))?.[0]; }

function scriptHas(step: Step, image: string, command: RegExp): boolean { return step.run !== undefined && command.test(step.run.scalar.value) && step.run.scalar.value.includes(image); }

/** `open`: deployments of what may be something else tomorrow. */
export function immutabilityScaffold(open: (repo: Repository) => readonly Deployment[]): Scaffold {
  return {
    kind: 'edit',
    title: 'Deploy images by commit',
    plan(repo) {
      const changes = new Changes(repo), made: string[] = [];
      for (const d of open(repo)) {
        const image = movingImage(d), { path } = d.job.document, workflow = changes.document(path)?.workflow;
        if (!image || !workflow) continue;
        const name = image.slice(0, image.lastIndexOf(':'));
        const steps = workflow.jobs.flatMap(j => j.steps);
        // Only where all of it is in sight: built, pushed and deployed in this file, in POSIX shells.
        const pushed = steps.some(s => scriptHas(s, image, /\bdocker (?:image )?push\b|--push\b/));
        const tags = steps.flatMap(s => asMapping(s.with?.value)?.entries.filter(e => e.key.value === 'tags') ?? []).map(e => asScalar(e.value)).filter(v => v?.value.includes(image));
        if ((!pushed && tags.length === 0) || steps.some(s => s.run?.scalar.value.includes(image) && s.shell)) continue;
        const done = changes.edit(path, doc => doc.workflow!.jobs.flatMap(j => j.steps).flatMap(s => {
          const scalar = s.run?.scalar ?? asScalar(asMapping(s.with?.value)?.entries.find(e => e.key.value === 'tags')?.value);
          if (!scalar?.value.includes(image)) return [];
          const { start, end } = doc.range(scalar), text = doc.text.slice(start, end);
          // Nothing is expanded in single quotes.
          if (s.run && text.split('\n').some(l => l.includes(image) && l.includes("'"))) return [];
          const exact = new RegExp(`${image.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w./-])`, 'g');
          return [{ start, end, newText: text.replace(exact, () => `${name}:${s.run ? '$GITHUB_SHA' : '${{ github.sha }}'}`) }];
        }));
        if (done) made.push(d.job.job.id);
      }
      return changes.plan(`${made.join(', ')} ${made.length === 1 ? 'deploys' : 'deploy'} the image by its commit, and it is pushed under that name.`, [
        'Check who else pulls the tag that is no longer pushed.',
        'Deploy by digest where the registry allows tags to be overwritten: the build\'s output `digest` names it.',
      ]) ?? { refused: 'No deployment here names a moving tag of an image that its own workflow pushes: name what is deployed by its digest or commit where it is written down.' };
    },
  };
}
