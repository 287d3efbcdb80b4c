/** A job behind each deployment that asks the program whether it works. */
import { scalarText } from '../../../workflow/nodes';
import type { Repository } from '../../../repository';
import type { Scaffold } from '../../practice';
import type { Deployment } from '../../shared/deployments';
import { Changes, deployingJobs, editable, jobName, upper } from '../../shared/deploy-edits';
import { SCRIPTS } from '../../shared/programme';
import { checkoutStep, jobHead } from '../../shared/snippets';
import { dependentsOf } from '../../../checks/shared/started';
import { SCRIPT_TEXTS } from '../scripts';

const SCRIPT = 'post-deploy-verify.sh';

/** The environment's own address where it is written down, else a variable of the repository. */
function baseUrl(d: Deployment): { readonly text: string; readonly variable?: string } {
  const url = scalarText(d.job.job.environment?.url?.value);
  if (url !== undefined && /^https?:\/\/[\w.:/-]+$/.test(url)) return { text: url };
  const variable = `${upper(d.job.job.id)}_URL`;
  return { text: `\${{ vars.${variable} }}`, variable };
}

/** `open`: the deployments that nobody looks at yet. */
export function verifyScaffold(open: (repo: Repository) => readonly Deployment[]): Scaffold {
  return {
    kind: 'job',
    title: 'Add a post-deploy-verify job',
    plan(repo) {
      const jobs = deployingJobs(open(repo));
      if (jobs.length === 0) return { refused: 'There is no deployment of a program here behind which a health check is missing.' };
      const changes = new Changes(repo), made: string[] = [];
      for (const d of jobs) {
        const { path } = d.job.document, { id } = d.job.job;
        if (!editable(d)) continue;
        const url = baseUrl(d), name = jobs.length === 1 ? 'post-deploy-verify' : `post-deploy-verify-${id}`;
        // Who waits for the deployment has waited for one that works.
        const waiting = (dependentsOf(d.job.document.workflow!).get(d.job.job) ?? []).map(j => j.id);
        const added = changes.addJob(path, {
          id: name,
          yaml: [
            ...jobHead(jobs.length === 1 ? 'Verify the deployment' : `Verify ${jobName(d.job)}`, 15).flatMap(l => (l.startsWith('runs-on') ? [`needs: ${id}`, l] : [l])),
            'steps:',
            ...checkoutStep(),
            '  - name: Ask the endpoints',
            '    env:',
            `      BASE_URL: ${url.text}`,
            '      # One a line: path, status, text that has to be in the answer.',
            '      CHECKS: |',
            '        / 2xx',
            "      ATTEMPTS: '5'",
            "      DELAY: '10'",
            `    run: bash ${SCRIPTS}/${SCRIPT}`,
          ],
        }, id);
        if (added === undefined) continue;
        made.push(added);
        for (const w of waiting) changes.letWait(path, w, added);
        if (url.variable) changes.todo.push(`Set the repository variable ${url.variable} to the address at which ${id} answers: until then the job fails.`);
      }
      changes.addFile(`${SCRIPTS}/${SCRIPT}`, SCRIPT_TEXTS[SCRIPT]);
      return changes.plan(`Adds ${made.join(', ')}: each path is asked up to five times, ten seconds apart, and the run fails where one doesn't answer as it should.`,
        ['List the endpoints that matter under CHECKS: a health endpoint, the front page, one call that reads the database.'])
        ?? { refused: 'The workflows that deploy are written in a way to which no job can be added without disturbing them.' };
    },
  };
}
