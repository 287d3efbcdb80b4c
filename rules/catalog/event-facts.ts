/** Events from the side of trust: who sets one off, and what its run may do. */

export interface EventFacts {
  /** Who starts it, as the subject of a sentence: `Anyone who comments`. */
  readonly who: string;
  /** What the run is given: its token, secrets, and whose workflow file it runs. Whole sentences. */
  readonly rights: string;
  /** Somebody without write access can start it. */
  readonly outsiders: boolean;
}

const OWN = 'It runs with the repository\'s secrets and the token that `permissions` allows';
const DEFAULT_BRANCH = `${OWN}, and with the workflow of the default branch.`;
const FROM_FORKS = 'From a fork the token can only read and there are no secrets; from a branch of the repository it has both. The workflow file is the pull request\'s own.';

const inside = (who: string, rights = `${OWN}.`): EventFacts => ({ who, rights, outsiders: false });
const outside = (who: string, rights = DEFAULT_BRANCH): EventFacts => ({ who, rights, outsiders: true });

const FACTS: Readonly<Record<string, EventFacts>> = {
  branch_protection_rule: inside('Whoever administers the repository'),
  check_run: inside('An app that reports checks'),
  check_suite: inside('An app that reports checks'),
  create: inside('Whoever can push'),
  delete: inside('Whoever can push'),
  deployment: inside('Whoever can push, and apps that deploy'),
  deployment_status: inside('Whoever can push, and apps that deploy'),
  discussion: outside('Anyone who starts a discussion'),
  discussion_comment: outside('Anyone who comments on a discussion'),
  fork: outside('Anyone who forks the repository'),
  gollum: outside('Whoever may edit the wiki: anyone, where that is not restricted'),
  issue_comment: outside('Anyone who comments on an issue or a pull request'),
  issues: outside('Anyone who opens an issue'),
  label: inside('Whoever has triage access'),
  merge_group: inside('Whoever may add pull requests to the merge queue', `${OWN}, on the code of the pull requests in the group.`),
  milestone: inside('Whoever has triage access'),
  page_build: inside('Whoever can push to the branch of the pages'),
  public: inside('Whoever administers the repository'),
  pull_request: outside('Anyone who opens a pull request', FROM_FORKS),
  pull_request_review: outside('Anyone who reviews a pull request', FROM_FORKS),
  pull_request_review_comment: outside('Anyone who comments on the changes of a pull request', FROM_FORKS),
  pull_request_target: outside('Anyone who opens a pull request', `${OWN}, also for a pull request from a fork; the workflow file is the repository's own. To run the pull request's code here is to hand out both.`),
  push: inside('Whoever can push', `${OWN}. The workflow file is that of the pushed commit.`),
  registry_package: inside('Whoever can publish packages'),
  release: inside('Whoever can push'),
  repository_dispatch: inside('Whoever holds a token that may write contents', `${OWN}. \`client_payload\` holds whatever the sender put there.`),
  schedule: inside('The clock', `${OWN}, and with the workflow of the default branch.`),
  status: inside('Whoever can push, and apps that report states'),
  watch: outside('Anyone who stars the repository'),
  workflow_call: inside('A workflow that calls this one', 'It runs on the caller\'s event, with a token that may do no more than the caller\'s, and with the secrets that the caller passes on.'),
  workflow_dispatch: inside('Whoever can push, by hand or with a token', `${OWN}, on the branch that they choose, with inputs that they write.`),
  workflow_run: outside('The end of another workflow, also of one that a pull request from a fork has started',
    `${OWN}, even where the other workflow had neither; artifacts of that run can hold anything.`),
};

/** What an event means for trust; undefined for one that nothing is known of. */
export function eventFacts(name: string): EventFacts | undefined {
  return Object.hasOwn(FACTS, name) ? FACTS[name] : undefined;
}
