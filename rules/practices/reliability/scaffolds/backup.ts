/** A step ahead of a migration that saves the database. */
import type { Repository } from '../../../repository';
import type { Job, Step } from '../../../workflow/model';
import { scalarText } from '../../../workflow/nodes';
import type { Scaffold } from '../../practice';
import type { CiJob, CiStep } from '../../shared/ci';
import { addCheckout, Changes, environmentName, isPlainList } from '../../shared/deploy-edits';
import { SCRIPTS } from '../../shared/programme';
import { yamlText } from '../../shared/snippets';
import { SCRIPT_TEXTS } from '../scripts';

const SCRIPT = 'pre-deploy-backup.sh';
const URL_NAME = /^(?:.*_)?(?:DATABASE|DB|POSTGRES|POSTGRESQL|MYSQL|SQLALCHEMY|FLYWAY|PG)(?:_DATABASE)?_(?:URL|URI|DSN)$|^DATABASE$/i;

/** How the job itself calls the database's address: an expression, or undefined. */
function databaseUrl(job: Job, step: Step): string | undefined {
  for (const map of [step.env, job.env]) {
    const found = map?.variables.find(v => URL_NAME.test(v.name));
    const text = found && scalarText(found.entry.value);
    if (text && /^\$\{\{ *(?:secrets|vars|needs|steps)\.[\w.-]+ *\}\}$/.test(text)) return text;
  }
  return undefined;
}

/** `open`: migrations that nothing is saved ahead of. */
export function backupScaffold(open: (repo: Repository) => readonly { readonly job: CiJob; readonly step: CiStep }[]): Scaffold {
  return {
    kind: 'edit',
    title: 'Add a pre-deploy-backup step',
    plan(repo) {
      const all = open(repo).filter(m => m.step.outer === undefined && isPlainList(m.job.job) && m.job.document.problems.length === 0);
      if (all.length === 0) return { refused: 'There is no migration here ahead of which a backup could be added.' };
      const changes = new Changes(repo), made: string[] = [];
      for (const { job, step } of new Map(all.map(m => [`${m.job.document.path} ${m.job.job.id}`, m])).values()) {
        const { path } = job.document, { id } = job.job, at = step.step.index, url = databaseUrl(job.job, step.step);
        const shift = addCheckout(changes, path, id, at), environment = environmentName(job.job);
        if (!changes.addStep(path, id, at + shift, [
          '  - name: Save the database',
          '    timeout-minutes: 15',
          '    env:',
          `      DATABASE_URL: ${url ?? '${{ secrets.DATABASE_URL }}'}`,
          '      BACKUP_DESTINATION: ${{ vars.BACKUP_DESTINATION }}',
          ...(environment === undefined ? [] : [`      DEPLOY_ENVIRONMENT: ${yamlText(environment)}`]),
          `    run: bash ${SCRIPTS}/${SCRIPT}`,
        ])) continue;
        made.push(id);
        if (!url) changes.todo.push(`Set the secret DATABASE_URL to the database that ${id} migrates.`);
      }
      changes.addFile(`${SCRIPTS}/${SCRIPT}`, SCRIPT_TEXTS[SCRIPT]);
      return changes.plan(`Saves the database ahead of the migration in ${made.join(', ')}, with a checksum and a note of commit and run; where that fails nothing is migrated.`, [
        'Set the variable BACKUP_DESTINATION to storage that outlives the runner (s3://…, gs://…), and let the job write there.',
        'Restore a backup once: one that nobody has restored is none.',
      ]) ?? { refused: 'The workflows that migrate are written in a way to which no step can be added without disturbing them.' };
    },
  };
}
