import type { World } from '../../../rules';
import type { Query } from '../../../rules/engine/rule';
import { inferJob, type PermissionNeed } from '../../../rules/checks/shared/inferred-permissions';
import { surroundings } from '../../../rules/checks/shared/permission-facts';
import type { Job, Step } from '../../../rules/workflow/model';

/** What asks for a scope of the token. */
export interface Asker { readonly what: string; readonly access: string }

/** What jobs need of their token, asked as rules ask it. Made for one request: a document of a moment. */
export class Needs {
  readonly #around: ReturnType<typeof surroundings>;

  constructor(world: World) {
    this.#around = surroundings({ query: <A extends readonly (string | number | boolean)[], R>(query: Query<A, R>, ...args: A): R => query.ask(world, ...args) });
  }

  of(job: Job): PermissionNeed { return inferJob(job, this.#around); }

  /** The steps of a job that ask for a scope; the workflow that it calls for a job without steps. */
  askers(job: Job, scope: string): Asker[] {
    if (job.uses) {
      const access = this.of(job).scopes[scope];
      return access ? [{ what: job.uses.text, access }] : [];
    }
    return job.steps.flatMap(step => {
      const access = inferJob({ ...job, steps: [step] }, this.#around).scopes[scope];
      return access ? [{ what: nameOf(step), access }] : [];
    });
  }
}

function nameOf(step: Step): string {
  const uses = step.uses?.text.replace(/@.*$/s, '');
  const name = step.name?.value?.kind === 'scalar' ? step.name.value.value : undefined;
  const run = step.run?.scalar.value.trim().split(/\r?\n/, 1)[0];
  return uses ?? name ?? run ?? `step ${step.index + 1}`;
}
