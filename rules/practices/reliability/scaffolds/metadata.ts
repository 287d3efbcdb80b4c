/** Steps behind a deployment that write down what was deployed. */
import type { Repository } from '../../../repository';
import type { Scaffold } from '../../practice';
import type { Deployment } from '../../shared/deployments';
import { addCheckout, Changes, deployingJobs, editable, environmentName, ownStep } from '../../shared/deploy-edits';
import { SCRIPTS } from '../../shared/programme';
import { pin, yamlText } from '../../shared/snippets';
import { SCRIPT_TEXTS } from '../scripts';
import { targetOf } from './rollback';

const SCRIPT = 'record-deployment.sh';

export function metadataScaffold(open: (repo: Repository) => readonly Deployment[]): Scaffold {
  return {
    kind: 'edit',
    title: 'Add deploy-metadata steps',
    plan(repo) {
      const all = deployingJobs(open(repo)).filter(editable);
      if (all.length === 0) return { refused: 'There is no deployment here whose metadata are missing and could be added.' };
      const changes = new Changes(repo), made: string[] = [];
      for (const d of all) {
        const { path } = d.job.document, { id } = d.job.job, at = ownStep(d).index;
        const target = targetOf(d), environment = environmentName(d.job.job) ?? id, file = d.job.job.strategy ? `deploy-metadata-${id}-\${{ strategy.job-index }}` : `deploy-metadata-${id}`;
        const shift = addCheckout(changes, path, id, at);
        if (!changes.addStep(path, id, at + shift + 1, [
          '  - name: Record what was deployed',
          '    env:',
          `      DEPLOY_ENVIRONMENT: ${yamlText(environment)}`,
          ...(target?.[0] === 'kubectl' ? [`      ANNOTATE: ${yamlText(target.slice(1).join(' '))}`] : []),
          `    run: bash ${SCRIPTS}/${SCRIPT}`,
        ])) continue;
        changes.addStep(path, id, at + shift + 2, [
          '  - name: Keep the record',
          `    uses: ${pin('actions/upload-artifact').text}`,
          '    with:',
          `      name: ${file}`,
          '      path: deploy-metadata.json',
          '      if-no-files-found: error',
          '      retention-days: 90',
        ]);
        made.push(id);
      }
      changes.addFile(`${SCRIPTS}/${SCRIPT}`, SCRIPT_TEXTS[SCRIPT]);
      return changes.plan(`Behind the deployments of ${made.join(', ')}: commit, run, image digest, environment and time, in a file that is kept, in the job's summary and, on Kubernetes, as annotations.`,
        ['Pass the image\'s digest as IMAGE_DIGEST where one is built.'])
        ?? { refused: 'The workflows that deploy are written in a way to which no step can be added without disturbing them.' };
    },
  };
}
