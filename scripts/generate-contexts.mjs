/**
 * Builds `rules/catalog/data/contexts.json`: what the payload of each event that starts workflows holds, path by path.
 *
 *   node scripts/generate-contexts.mjs [--check]
 *
 * The shape comes from the schemas of GitHub's webhooks (`@octokit/webhooks-schemas`, needed here and nowhere else). A schema says that
 * something is a string; whether it is a sentence, a name or a commit, and whose, is said by the tables below. What is not in the output
 * is fixed: a number, a truth value, one of a few words, a date, a commit.
 *
 * One letter for each string: `t` text of an outsider, `r` a branch's name that an outsider chooses, `e` an e-mail address and `p` a
 * file's path of an outsider, `i` text that only people with write access write, `s` a name or URL that can't carry code. Objects that occur more
 * than once are kept once and named by their number.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './setup.mjs';

const require = createRequire(import.meta.url);
const schema = require('@octokit/webhooks-schemas');
const { version } = require('@octokit/webhooks-schemas/package.json');
const OUT = join(root, 'rules/catalog/data/contexts.json');

/** Events that start workflows and have a payload, with the name of their schema. */
const EVENTS = Object.fromEntries([
  'branch_protection_rule', 'check_run', 'check_suite', 'create', 'delete', 'deployment', 'deployment_status', 'discussion', 'discussion_comment', 'fork', 'gollum',
  'issue_comment', 'issues', 'label', 'merge_group', 'milestone', 'page_build', 'project', 'project_card', 'project_column', 'public', 'pull_request', 'pull_request_review',
  'pull_request_review_comment', 'push', 'registry_package', 'release', 'status', 'watch', 'workflow_run', 'commit_comment',
].map(e => [e, e]));
// Its payload is that of the other event.
EVENTS.pull_request_target = 'pull_request';

/**
 * Read by a person, first match wins. A path is matched from its end: `comment.body` is any `….comment.body`; `^` ties it to the payload's
 * top. `*` is any one name.
 */
const REVIEWED = [
  ['-', 'merge_commit_sha head_sha base_sha commit_id original_commit_id tree_id before after sha', 'Commits: hexadecimal digits.'],
  ['-', 'gravatar_id node_id check_suite_node_id external_id timestamp color spdx_id state mergeable_state active_lock_reason state_reason permission key', 'Numbers, dates and words of a list.'],
  ['-', '^ref_type ^pusher_type ^action ^workflow_run.event ^check_suite.status ^workflow_run.status', 'Words of a list, though the schema doesn\'t give it.'],
  ['r', '^pull_request.head.ref ^pull_request.head.label ^workflow_run.head_branch ^workflow_run.pull_requests.*.head.ref ^merge_group.head_ref ^changes.head.ref.from',
    'Git allows quotes, `$`, backticks, `;` and `|` in a branch\'s name; the head\'s is the contributor\'s choice.'],
  ['r', '^pull_request.head.repo.default_branch ^workflow_run.head_repository.default_branch ^forkee.default_branch', 'The fork\'s owner names its branches.'],
  ['t', '^pull_request.head.repo.description ^pull_request.head.repo.homepage ^workflow_run.head_repository.description ^workflow_run.head_repository.homepage ^forkee.description ^forkee.homepage',
    'The fork\'s owner writes what stands on its page.'],
  ['t', 'issue.title issue.body pull_request.title pull_request.body discussion.title discussion.body ^changes.new_issue.title ^changes.new_issue.body ^changes.old_issue.title ^changes.old_issue.body ^changes.new_discussion.title ^changes.new_discussion.body',
    'Anybody may open one.'],
  ['t', '^comment.body ^review.body ^changes.title.from ^changes.body.from ^answer.body ^old_answer.body', 'Anybody may comment; what was there before was written by the same people.'],
  ['t', '^comment.diff_hunk', 'Lines of the pull request.'],
  ['p', '^comment.path ^commits.*.added.* ^commits.*.modified.* ^commits.*.removed.* ^head_commit.added.* ^head_commit.modified.* ^head_commit.removed.*',
    'A file\'s name may hold anything but a zero byte and a slash.'],
  ['p', '^workflow.path ^workflow_run.path ^workflow_run.referenced_workflows.*.path', 'Names of files in the contributor\'s commit.'],
  ['t', '^pages.*.page_name ^pages.*.title ^pages.*.summary', 'Wikis can be open to everybody.'],
  ['t', 'head_commit.message head_commit.author.name head_commit.committer.name ^commits.*.message ^commits.*.author.name ^commits.*.committer.name ^commit.commit.message ^commit.commit.author.name ^commit.commit.committer.name',
    'Git takes any name, and a commit that was contributed keeps its message.'],
  ['e', 'head_commit.author.email head_commit.committer.email ^commits.*.author.email ^commits.*.committer.email ^commit.commit.author.email ^commit.commit.committer.email',
    'Git takes any address; GitHub takes what looks like one.'],
  ['t', '^workflow_run.display_title', 'The pull request\'s title, or the first line of its commit.'],
  ['i', 'description homepage title body message text summary commit_title commit_message squash_merge_commit_title', 'Text, written by people with write access.'],
  ['i', 'label.name labels.*.name milestone.title milestone.description release.name release.body', 'Labels, milestones and releases: text, but an outsider can\'t make one.'],
];

/** What the schema leaves out and payloads have. */
const EXTRA = {
  workflow_run: { 'workflow_run.display_title': 't', 'workflow_run.path': 'p', 'workflow.path': 'p', 'workflow_run.referenced_workflows.*.path': 'p', 'workflow_run.head_branch': 'r' },
  merge_group: { 'merge_group.committer.name': 't', 'merge_group.committer.email': 'e', 'merge_group.head_ref': 'r', 'merge_group.head_commit.message': 't' },
  pull_request: { 'changes.head.ref.from': 'r' },
};
EXTRA.pull_request_target = EXTRA.pull_request;

const patterns = REVIEWED.flatMap(([kind, paths]) => paths.split(' ').map(p => ({ kind, top: p.startsWith('^'), parts: p.replace('^', '').split('.') })));

function reviewed(path) {
  for (const { kind, top, parts } of patterns) {
    if (top ? path.length !== parts.length : path.length < parts.length) continue;
    if (parts.every((p, i) => p === '*' || p === path[path.length - parts.length + i])) return kind;
  }
  return 's';
}

/** Names below `issue.user`, `sender` and the like lead nowhere and round in circles. */
const MAX_DEPTH = 6;

/** Adds the schema's strings below `path` to the tree `out`. */
function collect(node, path, out) {
  if (!node || path.length > MAX_DEPTH) return;
  if (node.$ref) return collect(schema.definitions[node.$ref.split('/').at(-1)], path, out);
  for (const part of [...(node.oneOf ?? []), ...(node.anyOf ?? []), ...(node.allOf ?? [])]) collect(part, path, out);
  for (const [name, child] of Object.entries(node.properties ?? {})) collect(child, [...path, name.toLowerCase()], out);
  if (node.items) collect(node.items, [...path, '*'], out);
  if (![node.type].flat().includes('string') || node.enum || node.const !== undefined || /^date/.test(node.format ?? '') || path.length === 0) return;
  const kind = node.format?.startsWith('uri') ? 's' : reviewed(path);
  if (kind !== '-') put(out, path, kind);
}

function put(tree, path, kind) {
  let at = tree;
  for (const name of path.slice(0, -1)) {
    if (typeof at[name] !== 'object') at[name] = {};
    at = at[name];
  }
  const last = path.at(-1);
  // Where two schemas differ, the worse one counts.
  if (typeof at[last] === 'object' || 'trepis'.indexOf(at[last]) >= 0 && 'trepis'.indexOf(at[last]) <= 'trepis'.indexOf(kind)) return;
  at[last] = kind;
}

const trees = {};
for (const [event, name] of Object.entries(EVENTS)) {
  const tree = {};
  for (const [key, definition] of Object.entries(schema.definitions)) if (key === `${name}$event` || key.startsWith(`${name}$`)) collect(definition, [], tree);
  for (const [path, kind] of Object.entries(EXTRA[event] ?? {})) put(tree, path.split('.'), kind);
  if (Object.keys(tree).length === 0) throw new Error(`the schemas don't know the event ${event}`);
  trees[event] = tree;
}

/** Leaves of one kind are one string, `"s": "login name"`; objects that occur twice are a number. */
const counts = new Map(), shapes = new Map();
function compact(tree) {
  const leaves = {}, children = {};
  for (const name of Object.keys(tree).sort()) {
    const child = tree[name];
    if (typeof child === 'string') (leaves[child] ??= []).push(name);
    else if (Object.keys(child).length > 0) children[name] = compact(child);
  }
  const key = JSON.stringify([leaves, children]);
  counts.set(key, (counts.get(key) ?? 0) + 1);
  if (!shapes.has(key)) shapes.set(key, { leaves, children });
  return key;
}
const roots = Object.fromEntries(Object.keys(trees).sort().map(event => [event, compact(trees[event])]));
const shared = [...counts].filter(([key, n]) => n > 1 && key.length > 30).map(([key]) => key);
const numbers = new Map(shared.map((key, i) => [key, i]));

function print(key) {
  return numbers.has(key) ? numbers.get(key) : printShape(key);
}
function printShape(key) {
  const { leaves, children } = shapes.get(key), out = {};
  for (const kind of 'trepis') if (leaves[kind]) out[`=${kind}`] = leaves[kind].join(' ');
  for (const [name, child] of Object.entries(children)) out[name] = print(child);
  return out;
}

const text = `{"schemas":${JSON.stringify(version)},\n"shapes":[\n${shared.map(key => JSON.stringify(printShape(key))).join(',\n')}\n],\n"events":{\n${
  Object.entries(roots).map(([event, key]) => `${JSON.stringify(event)}:${JSON.stringify(print(key))}`).join(',\n')}\n}}\n`;

if (process.argv.includes('--check')) {
  let before = '';
  try { before = readFileSync(OUT, 'utf8'); } catch { /* missing counts as stale */ }
  if (before !== text) {
    console.error('rules/catalog/data/contexts.json is stale: run node scripts/generate-contexts.mjs');
    process.exitCode = 1;
  }
} else writeFileSync(OUT, text);
