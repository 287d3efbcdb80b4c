/** What a step does about issues, runs and people, by its action, its commands, and the scripts of the repository that it calls. */
import type { Repository } from '../../repository';
import { defaultShell, parseScript, shellOf } from '../../workflow/scripts';
import { scalarText } from '../../workflow/nodes';
import { stepInput, type CiJob, type CiStep } from './ci';

const MAX_SCRIPT = 200_000;
const CALLED = /\.(?:sh|bash|py|js|mjs|cjs|ts|mts|rb|pl|ps1)$/;
const cache = new WeakMap<Repository, WeakMap<CiStep['step'], string>>();

/**
 * The commands of a step, one a line, with the code of github-script and of the repository's scripts that it calls. Comments are left out,
 * so that nothing is taken for done that is only spoken of.
 */
export function deedText(repo: Repository, s: CiStep): string {
  let known = cache.get(repo);
  if (!known) cache.set(repo, known = new WeakMap());
  let text = known.get(s.step);
  if (text === undefined) known.set(s.step, text = read(repo, s));
  return text;
}

export function jobDeeds(repo: Repository, job: CiJob): string {
  return job.steps.map(s => deedText(repo, s)).join('\n');
}

/** `owner/repo/path` of a step's action in lower case. */
export function actionOf(s: CiStep): string {
  const uses = s.step.uses;
  return uses?.kind === 'repository' ? [uses.owner, uses.repo, uses.path].filter(Boolean).join('/').toLowerCase() : '';
}

const REQUIRED = /\b(?:require|import)\s*\(\s*['"`](?:\$\{[^{}'"`]{1,80}\}|\.)\/([\w@./-]{1,200})['"`]\s*\)/g;

/** Files of the repository whose code a step of github-script calls; without a text where they can't be read. */
export function requiredScripts(repo: Repository, s: CiStep): { readonly path: string; readonly text: string | undefined }[] {
  if (actionOf(s) !== 'actions/github-script') return [];
  return [...code(stepInput(s.step, 'script') ?? '').matchAll(REQUIRED)].slice(0, 8).flatMap(m => {
    const path = [m[1]!, `${m[1]!}.js`, `${m[1]!}.cjs`, `${m[1]!}.mjs`, `${m[1]!}/index.js`].find(p => repo.has(p));
    return path === undefined ? [] : [{ path, text: repo.read(path)?.slice(0, MAX_SCRIPT) }];
  });
}

function read(repo: Repository, s: CiStep): string {
  if (s.step.uses) {
    const inline = actionOf(s) === 'actions/github-script' ? stepInput(s.step, 'script') ?? '' : '';
    return [inline, ...requiredScripts(repo, s).map(r => r.text ?? '')].map(code).join('\n');
  }
  const script = s.step.run?.scalar.value;
  if (script === undefined) return '';
  const { shell } = shellOf(s.step, s.outer ? undefined : defaultShell(s.document.workflow?.defaults));
  const ast = parseScript(script, shell);
  if (ast.commands.length === 0) return code(script);
  const dir = scalarText(s.step.workingDirectory?.value)?.replace(/^\.?\/+|\/+$/g, '') ?? '';
  const lines: string[] = [];
  for (const c of ast.commands) {
    // What is only printed is not done.
    if (c.name === 'echo' || c.name === 'printf') continue;
    const words = c.words.map(w => w.literal ?? script.slice(w.start, w.end)).join(' '), whole = script.slice(c.start, c.end);
    // Where it writes to stands beside its words.
    lines.push(whole.includes('>') ? `${words} ${whole}` : words);
    for (const w of c.words) {
      const path = w.literal?.replace(/^\.\//, '');
      if (path === undefined || !CALLED.test(path)) continue;
      const text = repo.read(dir === '' ? path : `${dir}/${path}`) ?? repo.read(path);
      if (text !== undefined && text.length <= MAX_SCRIPT) lines.push(code(text));
    }
  }
  return lines.join('\n');
}

/** Without lines that are comments, in the languages that scripts are written in. */
function code(text: string): string {
  return text.split(/\r?\n/).filter(l => !/^\s*(?:#|\/\/|\*|\/\*)/.test(l)).join('\n');
}

const ISSUE_ACTIONS = /^(?:jasonetco\/create-an-issue|peter-evans\/create-issue-from-file|dacbd\/create-issue-action|imjohnbo\/issue-bot|nashmaniac\/create-issue-action|jayqi\/failed-build-issue-action|micalevisk\/last-issue-action|rust-lang\/.*issue.*|.*\/.*(?:create|open|failure|failed)[-_].*issue.*)$/;
const OPENS = /\bgh issue create\b|\bissues\.create\s*\(|\bcreate_issue\s*\(|\/issues['"`]?[^\n]{0,80}(?:POST|\btitle=)|(?:POST|method:)[^\n]{0,80}\/issues\b['"`]?(?!\/)/;
const UPDATES = /\bgh issue (?:comment|edit|list|reopen|close)\b|\bgh search issues\b|\bissues\.(?:update|createComment|listForRepo|list)\s*[(,]|\bissuesAndPullRequests\b|\bcreate_comment\s*\(|\bget_issues\s*\(|\/issues\?|\/issues\/['"`$ +{]|\/search\/issues/;

/** Opens an issue; `once`: looks first whether there is one, and adds to that. */
export function issues(repo: Repository, s: CiStep): { readonly once: boolean } | undefined {
  const action = actionOf(s);
  if (ISSUE_ACTIONS.test(action) || (action === 'actions-cool/issues-helper' && /create-issue/.test(stepInput(s.step, 'actions') ?? ''))) {
    return { once: stepInput(s.step, 'update_existing') === 'true' || stepInput(s.step, 'issue-number') !== undefined
      || /^(?:jayqi|micalevisk)\//.test(action) };
  }
  const text = deedText(repo, s);
  return OPENS.test(text) ? { once: UPDATES.test(text) || s.job.steps.some(x => x !== s && UPDATES.test(deedText(repo, x))) } : undefined;
}

const NOTIFY_ACTIONS = /(?:slack|discord|telegram|teams(?!-token)|mattermost|pagerduty|opsgenie|zulip|rocket-?chat|google-?chat|matrix-(?:message|chat|action)|send-?(?:mail|email)|\bmail\b|notify|notification|twilio|victorops|datadog.*event|sentry.*release)/;
const NOTIFY_COMMANDS = /\bhooks\.slack\.com\b|\bchat\.postMessage\b|\bdiscord(?:app)?\.com\/api\/webhooks\b|\bapi\.telegram\.org\b|\bevents\.pagerduty\.com\b|\bapi\.opsgenie\.com\b|\bwebhook\.office\.com\b|\bcurl\b[^\n]{0,400}(?:WEBHOOK|webhook|SLACK|DISCORD|TEAMS|ALERT)|^(?:sendmail|mail|mailx|mutt|swaks|ntfy)\b|\bgh (?:issue|pr) comment\b|\bgh workflow run\b[^\n]{0,80}(?:notif|alert)/m;

/** Tells somebody: a chat, a mail, a pager, an issue. */
export function tells(repo: Repository, s: CiStep): boolean {
  const action = actionOf(s);
  if (action !== '') return (NOTIFY_ACTIONS.test(action) && !/^(?:slackapi\/slack-github-action\/cli)$/.test(action)) || issues(repo, s) !== undefined
    || (action === 'actions/github-script' && /createComment\s*\(/.test(deedText(repo, s)));
  if (s.step.uses && /notif|slack|discord|alert|teams|mail/i.test(s.step.uses.path ?? '')) return true;
  return NOTIFY_COMMANDS.test(deedText(repo, s)) || issues(repo, s) !== undefined;
}

/** Runs when something has failed: by its own condition, or because the job does. */
export function afterFailure(condition: string | undefined): boolean {
  return condition !== undefined && /\bfailure\s*\(|\balways\s*\(|!\s*cancelled\s*\(|!\s*success\s*\(|['"](?:failure|timed_out)['"]|!=\s*'success'/.test(condition);
}

/** Something starts it by itself: what is only called is started by nobody here. */
export function isStarted(job: CiJob): boolean {
  // A job for failures is never started where all goes well, which is what its triggers tell.
  const triggers = afterFailure(scalarText(job.job.if?.value)) ? job.workflow.triggers : job.triggers;
  return triggers.some(t => t.event !== 'workflow_call');
}
