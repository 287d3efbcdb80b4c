/**
 * What known actions do with text: whose outputs hold what outsiders write, which inputs they run as code, and which inputs a language
 * model is told. Read from their documentation; outputs that are numbers, commits or truth values are not here.
 */
import type { TaintKind } from './contexts';

export interface TaintedOutput {
  readonly kind: TaintKind;
  readonly who: string;
  /** Events on which it is an outsider's. */
  readonly events: readonly string[];
  /** Can't hold a line break. */
  readonly flat: boolean;
}

/** What is pushed is written by people with write access. */
const PULLS = ['pull_request', 'pull_request_target', 'pull_request_review', 'pull_request_review_comment', 'issue_comment', 'workflow_run'];
const ISSUES = ['issues', 'issue_comment', 'pull_request', 'pull_request_target'];
const COMMENTS = ['issue_comment', 'pull_request_review_comment', 'pull_request_review', 'discussion_comment', 'commit_comment'];

const FILES: TaintedOutput = { kind: 'path', who: 'anyone who opens a pull request with files so named', events: PULLS, flat: true };
const BRANCH: TaintedOutput = { kind: 'ref', who: 'anyone who opens a pull request', events: PULLS, flat: true };
const PULL_TEXT: TaintedOutput = { kind: 'text', who: 'anyone who opens a pull request', events: PULLS, flat: false };
const ISSUE_TEXT: TaintedOutput = { kind: 'text', who: 'anyone who opens an issue', events: ISSUES, flat: false };
const COMMENT_TEXT: TaintedOutput = { kind: 'text', who: 'anyone who comments', events: COMMENTS, flat: false };

/** By `owner/repo`, lower case: output (a pattern of its whole name) and what it holds. */
const OUTPUTS: Readonly<Record<string, readonly (readonly [RegExp, TaintedOutput])[]>> = {
  'tj-actions/changed-files': [[/^(?:\w+_)?(?:all_(?:changed|modified|old_new_renamed)|all_changed_and_modified|added|copied|deleted|modified|renamed|type_changed|unmerged|unknown|other_changed|other_modified|other_deleted|changed)_files$/, FILES]],
  'step-security/changed-files': [[/^(?:\w+_)?(?:all_(?:changed|modified|old_new_renamed)|all_changed_and_modified|added|copied|deleted|modified|renamed|other_changed|other_modified|other_deleted|changed)_files$/, FILES]],
  'tj-actions/verify-changed-files': [[/^changed_files$/, FILES]],
  'dorny/paths-filter': [[/^[\w-]+_files$/, FILES]],
  'jitterbit/get-changed-files': [[/^(?:all|added|modified|removed|renamed|added_modified|deleted)$/, FILES]],
  'ana06/get-changed-files': [[/^(?:all|added|modified|removed|renamed|added_modified|added_modified_renamed|deleted)$/, FILES]],
  'trilom/file-changes-action': [[/^files(?:_\w+)?$/, FILES]],
  'knu/changed-files': [[/^changed_files(?:_json)?$/, FILES]],
  'lots0logs/gh-action-get-changed-files': [[/^(?:all|added|modified|deleted|renamed)$/, FILES]],
  'masesgroup/retrieve-changed-files': [[/^(?:all|added|modified|removed|renamed|added_modified)$/, FILES]],
  'tj-actions/branch-names': [[/^(?:current_branch|head_ref_branch|ref_branch)$/, BRANCH]],
  'xt0rted/pull-request-comment-branch': [[/^head_ref$/, BRANCH]],
  'alessbell/pull-request-comment-branch': [[/^head_ref$/, BRANCH]],
  'gotson/pull-request-comment-branch': [[/^head_ref$/, BRANCH]],
  'eficode/resolve-pr-refs': [[/^head_ref$/, BRANCH]],
  'potiuk/get-workflow-origin': [[/^sourceHeadBranch$/i, BRANCH]],
  '8bitjonny/gh-get-current-pr': [[/^(?:pr_title|pr_body|pr)$/, PULL_TEXT], [/^pr_head_ref$/, BRANCH]],
  'actions-ecosystem/action-get-merged-pull-request': [[/^(?:title|body)$/, PULL_TEXT]],
  'tim-actions/get-pr-commits': [[/^commits$/, PULL_TEXT]],
  'stefanbuck/github-issue-parser': [[/^(?:jsonString|issueparser_.*)$/i, ISSUE_TEXT]],
  'zentered/issue-forms-body-parser': [[/^data$/, ISSUE_TEXT]],
  'peter-murray/issue-forms-body-parser': [[/^payload$/, ISSUE_TEXT]],
  'peter-murray/issue-body-parser-action': [[/^payload$/, ISSUE_TEXT]],
  'khan/pull-request-comment-trigger': [[/^comment_body$/, COMMENT_TEXT]],
  'xt0rted/slash-command-action': [[/^command-arguments$/, COMMENT_TEXT]],
  'peter-evans/find-comment': [[/^comment-body$/, COMMENT_TEXT]],
};

/** Actions that hand an input on: input (lower case) and output. What comes out is what went in, more or less. */
const PASSES: Readonly<Record<string, readonly (readonly [input: string, output: RegExp])[]>> = {
  'mad9000/actions-find-and-replace-string': [['source', /^value$/], ['replace', /^value$/]],
  'frabert/replace-string-action': [['string', /^replaced$/], ['replace-with', /^replaced$/]],
  'aszc/change-string-case-action': [['string', /^(?:lowercase|uppercase|capitalized)$/]],
  'haya14busa/action-cond': [['if_true', /^value$/], ['if_false', /^value$/]],
  'winterjung/split': [['msg', /^(?:_\d+|length)$/]],
  'jungwinter/split': [['msg', /^_\d+$/]],
};

/**
 * Actions that make names of files harmless by themselves: since a version, unless an input says otherwise; or where an input asks for
 * names that a shell can read.
 */
const ESCAPES: Readonly<Record<string, { readonly since?: number; readonly input: string; readonly off: RegExp }>> = {
  'tj-actions/changed-files': { since: 41, input: 'safe_output', off: /^false$/i },
  'step-security/changed-files': { since: 41, input: 'safe_output', off: /^false$/i },
  'tj-actions/verify-changed-files': { since: 17, input: 'safe_output', off: /^false$/i },
  'dorny/paths-filter': { input: 'list-files', off: /^(?:json|csv)$/i },
};

/** Whether an action at a major version (undefined: not known) gives out names with their special characters escaped. `input` looks up an input's text. */
export function escapesOutput(owner: string, repo: string, major: number | undefined, input: (name: string) => string | undefined): boolean {
  const known = ESCAPES[`${owner}/${repo}`.toLowerCase()];
  if (!known) return false;
  if (known.off.test(input(known.input)?.trim() ?? '')) return false;
  return known.since === undefined || major === undefined || major >= known.since;
}

/** What an output of an action holds that outsiders write; undefined where nothing is known of it. */
export function taintedOutput(owner: string, repo: string, output: string): TaintedOutput | undefined {
  const known = OUTPUTS[`${owner}/${repo}`.toLowerCase()];
  return known?.find(([pattern]) => pattern.test(output) || pattern.test(output.toLowerCase()))?.[1];
}

/** Inputs (lower case) whose text comes out of an output. */
export function passedInputs(owner: string, repo: string, output: string): readonly string[] {
  return (PASSES[`${owner}/${repo}`.toLowerCase()] ?? []).filter(([, pattern]) => pattern.test(output.toLowerCase())).map(([input]) => input);
}

/** Actions that put files of another run, which may be a pull request's, into the workspace. `actions/download-artifact` does so where it is given a `run-id`. */
export const ARTIFACT_ACTIONS: ReadonlySet<string> = new Set([
  'dawidd6/action-download-artifact', 'bettermarks/action-artifact-download', 'aochmann/actions-download-artifact', 'redhat-plumbers-in-action/download-artifact',
  'levonet/action-download-last-artifact', 'ishworkh/docker-image-artifact-download',
]);

/** A language that an input is run in. `env`: the step's environment is there when it runs. */
export interface CodeInput { readonly language: 'bash' | 'pwsh' | 'javascript' | 'python' | 'other'; readonly env: boolean }

const BASH: CodeInput = { language: 'bash', env: true };
/** Runs on another machine or in a container: variables of the step don't reach it. */
const ELSEWHERE: CodeInput = { language: 'bash', env: false };

const CODE: Readonly<Record<string, Readonly<Record<string, CodeInput>>>> = {
  'azure/powershell': { inlinescript: { language: 'pwsh', env: true } },
  'azure/cli': { inlinescript: ELSEWHERE },
  'appleboy/ssh-action': { script: ELSEWHERE },
  'fifsky/ssh-action': { command: ELSEWHERE },
  'garygrossgarten/github-action-ssh': { command: ELSEWHERE },
  'd3rhase/ssh-command-action': { command: ELSEWHERE },
  'google-github-actions/ssh-compute': { command: ELSEWHERE },
  'nick-fields/retry': { command: BASH, on_retry_command: BASH, new_command_on_retry: BASH },
  'nick-invision/retry': { command: BASH, on_retry_command: BASH, new_command_on_retry: BASH },
  'wandalen/wretry.action': { command: BASH },
  'addnab/docker-run-action': { run: ELSEWHERE },
  'uraimo/run-on-arch-action': { run: ELSEWHERE, install: ELSEWHERE, setup: BASH },
  'reactivecircus/android-emulator-runner': { 'script': BASH, 'pre-emulator-launch-script': BASH },
  'cross-platform-actions/action': { run: ELSEWHERE },
  'vmactions/freebsd-vm': { run: ELSEWHERE, prepare: ELSEWHERE },
  'vmactions/openbsd-vm': { run: ELSEWHERE, prepare: ELSEWHERE },
  'vmactions/netbsd-vm': { run: ELSEWHERE, prepare: ELSEWHERE },
  'vmactions/solaris-vm': { run: ELSEWHERE, prepare: ELSEWHERE },
  'devcontainers/ci': { runcmd: ELSEWHERE },
  'coactions/setup-xvfb': { run: BASH },
  'gabrielbb/xvfb-action': { run: BASH },
  'codspeedhq/action': { run: BASH },
  'gacts/run-and-post-run': { run: BASH, post: BASH },
  'liskin/gh-problem-matcher-wrap': { run: BASH },
  'workflow/nix-shell-action': { script: BASH },
  'amadevus/pwsh-script': { script: { language: 'pwsh', env: true } },
  'jannekem/run-python-script-action': { script: { language: 'python', env: true } },
  'satackey/action-js-inline': { script: { language: 'javascript', env: true } },
  'cardinalby/js-eval-action': { expression: { language: 'javascript', env: false } },
  'mikefarah/yq': { cmd: ELSEWHERE },
  'cypress-io/github-action': { 'command': BASH, 'build': BASH, 'start': BASH, 'install-command': BASH },
  'bahmutov/npm-install': { 'install-command': BASH },
  'borales/actions-yarn': { cmd: BASH },
  'cloudflare/wrangler-action': { command: BASH, precommands: BASH, postcommands: BASH },
};

/** Whether an action runs one of its inputs as code; `input` compares without case. */
export function codeInput(owner: string, repo: string, input: string): CodeInput | undefined {
  const known = CODE[`${owner}/${repo}`.toLowerCase()], name = input.toLowerCase();
  return known && Object.hasOwn(known, name) ? known[name] : undefined;
}

const PROMPTS: Readonly<Record<string, readonly string[]>> = {
  'actions/ai-inference': ['prompt', 'system-prompt', 'input'],
  'anthropics/claude-code-action': ['prompt', 'direct_prompt', 'custom_instructions', 'override_prompt', 'claude_args'],
  'anthropics/claude-code-base-action': ['prompt', 'system_prompt', 'append_system_prompt'],
  'openai/codex-action': ['prompt'],
  'google-gemini/gemini-cli-action': ['prompt'],
  'google-github-actions/run-gemini-cli': ['prompt'],
  'austenstone/copilot-cli': ['prompt'],
};

/** Whether a language model is told what stands in an input; `input` compares without case. */
export function promptInput(owner: string, repo: string, input: string): boolean {
  return PROMPTS[`${owner}/${repo}`.toLowerCase()]?.includes(input.toLowerCase()) ?? false;
}

/** Actions that hand a prompt to a language model. */
export function hasPrompt(owner: string, repo: string): boolean { return Object.hasOwn(PROMPTS, `${owner}/${repo}`.toLowerCase()); }
