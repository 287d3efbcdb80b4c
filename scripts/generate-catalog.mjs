/**
 * Builds `rules/catalog/data/*.json` from a folder of facts about actions, advisories, runners and permissions.
 *
 *   node scripts/generate-catalog.mjs --facts <dir> [--check]
 *
 * The output depends on the facts alone, so running it twice changes nothing. One action, advisory or label stands on one
 * line, so that a change of the world reads as a change of a few lines. `--check` writes nothing and fails where the
 * checked-in files differ.
 *
 * Commits are kept as 27 base64url characters (20 bytes): hexadecimal digits would cost twice that in the file, and a
 * commit does not compress.
 */
import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OUT = join(dirname(fileURLToPath(import.meta.url)), '..', 'rules', 'catalog', 'data');

/** How many of an action's newest versions are always kept. Older ones are kept where they are likely to be met. */
const NEWEST_KEPT = 16;
/** Majors, counted from the newest, of which the newest patch of every minor is kept. */
const MAJORS_WITH_MINORS = 3;
/** Minors per action that this brings at most: some actions publish a minor a day. */
const MINORS_KEPT = 24;
/** Older versions that other repositories are known to pin, at most this many per action. */
const CONFIRMED_KEPT = 24;
/** Owners whose actions are everywhere, in every version: all releases are kept, unless there are hundreds. */
const KEPT_WHOLE = new Set(['actions', 'docker']);
const WHOLE_AT_MOST = 100;

const RELEASE = /^[vV]?\d+(?:\.\d+)*$/;
const SHA = /^[0-9a-f]{40}$/;

const numbers = tag => tag.replace(/^[vV]/, '').split(/[^0-9]+/).filter(Boolean).map(Number);
function compareNumbers(a, b) {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const d = (a[i] ?? 0) - (b[i] ?? 0);
    if (d) return d;
  }
  return a.length - b.length;
}
/** Newest first; a release before its pre-releases; then by name, so that the order is total. */
const newestFirst = (a, b) =>
  compareNumbers(numbers(b), numbers(a)) || Number(RELEASE.test(b)) - Number(RELEASE.test(a)) || (a < b ? -1 : a > b ? 1 : 0);
const byName = (a, b) => { const x = a.toLowerCase(), y = b.toLowerCase(); return x < y ? -1 : x > y ? 1 : 0; };
const packed = sha => {
  if (!SHA.test(sha)) throw new Error(`not a commit: ${sha}`);
  return Buffer.from(sha, 'hex').toString('base64url');
};
const sortedObject = o => Object.fromEntries(Object.entries(o).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Version tags of one repository with their commits: what the snapshot has, and newer versions on which several owners agree. */
function tagsOf(entry) {
  const tags = new Map();
  const moving = entry.moving ?? {};
  for (const [tag, sha] of Object.entries(entry.tags ?? {})) if (!(tag in moving) || moving[tag] === tag) tags.set(tag, sha);
  for (const [tag, pin] of Object.entries(entry.tags_from_pins ?? {})) if (!tags.has(tag)) tags.set(tag, pin.sha);
  return tags;
}

function chosenTags(name, entry, boundaries) {
  const all = [...tagsOf(entry)].sort(([a], [b]) => newestFirst(a, b));
  if (KEPT_WHOLE.has(name.split('/')[0].toLowerCase()) && all.length <= WHOLE_AT_MOST) return all;
  const named = new Set(Object.values(entry.moving ?? {}));
  const confirmed = entry.confirmed_by_owners ?? {};
  // `v1` with a commit of its own although there are `v1.x`: it is what people write, and its commit can't be computed.
  const floats = tag => RELEASE.test(tag) && numbers(tag).length < 3
    && all.some(([t]) => t !== tag && numbers(t).length > numbers(tag).length && numbers(tag).every((n, i) => numbers(t)[i] === n));
  const majors = [...new Set(all.map(([t]) => numbers(t)[0]))];
  const seenMajor = new Set(), seenMinor = new Set();
  let confirmedLeft = CONFIRMED_KEPT, minorsLeft = MINORS_KEPT;
  return all.filter(([tag], i) => {
    const [major, minor = 0] = numbers(tag);
    const firstOfMajor = RELEASE.test(tag) && !seenMajor.has(major);
    const firstOfMinor = RELEASE.test(tag) && !seenMinor.has(`${major}.${minor}`);
    if (RELEASE.test(tag)) { seenMajor.add(major); seenMinor.add(`${major}.${minor}`); }
    if (i < NEWEST_KEPT || firstOfMajor || boundaries.has(tag) || named.has(tag) || floats(tag)) return true;
    if (firstOfMinor && majors.indexOf(major) < MAJORS_WITH_MINORS && minorsLeft-- > 0) return true;
    return Boolean(confirmed[tag]) && confirmedLeft-- > 0;
  });
}

/** `runs.using` by version, as the versions at which it changes, newest first: `[["v5.0.0", "node24"], ["v4.0.0", "node20"]]`. */
function runtimesOf(entry, tags) {
  const by = entry.using_by_tag;
  if (!by) return entry.using ? [['', entry.using]] : undefined;
  if (by['*']) return [['', by['*']]];
  const changes = [];
  for (const [tag] of tags) {
    const using = by[tag];
    // A pre-release would speak for the release that came of it.
    if (!using || !RELEASE.test(tag)) continue;
    const last = changes.at(-1);
    if (last && last[1] === using) last[0] = tag; else changes.push([tag, using]);
  }
  return changes.length ? changes : undefined;
}

function metaOf(name, entry, tags) {
  const meta = {};
  const put = (key, value) => {
    if (value === undefined || value === null || value === false) return;
    if ((Array.isArray(value) || typeof value === 'string') && value.length === 0) return;
    if (typeof value === 'object' && !Array.isArray(value) && key !== 'permissions' && Object.keys(value).length === 0) return;
    meta[key] = value;
  };
  const moving = {};
  const releases = tags.map(([t]) => t).filter(t => RELEASE.test(t));
  for (const [partial, full] of Object.entries(entry.moving ?? {})) {
    if (partial === full) continue;
    const p = numbers(partial);
    const newest = releases.find(t => p.every((n, i) => numbers(t)[i] === n) && entry.tags?.[t]);
    // Only what can't be computed: a partial tag that does not name the newest version of its line.
    if (newest && entry.tags[newest] !== entry.tags[partial]) moving[partial] = full;
  }
  put('inputs', (entry.inputs ?? []).join(' '));
  // One with a default may be left out.
  put('required', (entry.required_inputs ?? []).filter(i => entry.defaults?.[i] === undefined).join(' '));
  put('deprecated', Object.keys(entry.deprecated_inputs ?? {}).join(' '));
  put('token', (entry.token_inputs ?? []).join(' '));
  put('permissions', entry.permissions ? sortedObject(entry.permissions) : undefined);
  put('runtimes', runtimesOf(entry, [...tagsOf(entry)].sort(([a], [b]) => newestFirst(a, b))));
  // Newer versions are known by their commits alone.
  const by = entry.using_by_tag;
  const newestRead = by && Object.keys(by['*'] ? entry.tags ?? {} : by).filter(t => RELEASE.test(t)).sort(newestFirst)[0];
  if (newestRead && tagsOf(entry).size > 0 && [...tagsOf(entry).keys()].some(t => RELEASE.test(t) && compareNumbers(numbers(t), numbers(newestRead)) > 0)) {
    put('read', newestRead);
  }
  put('moving', sortedObject(moving));
  put('floats', Object.keys(entry.moving ?? {}).filter(t => RELEASE.test(t) && numbers(t).length === 1).sort(newestFirst).join(' '));
  const known = new Set(['main', 'master', entry.default_branch, ...Object.keys(entry.tags ?? {})]);
  const branches = Object.keys(entry.branches ?? {}).filter(b => !known.has(b));
  // Hundreds of version-named branches (one per toolchain release) mean that the action has no version tags at all.
  put('branches', branches.length > 60 ? '*' : branches.sort(newestFirst).join(' '));
  put('branch', entry.default_branch === 'main' ? undefined : entry.default_branch);
  put('post', entry.post === true);
  const own = `${name.split('/').slice(0, 2).join('/')}/`.toLowerCase();
  const foreign = (entry.composite_uses ?? []).filter(u => !u.toLowerCase().startsWith(own) && !/@(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(u));
  put('loose', [...new Set(foreign)].sort().join(' '));
  const retagged = {};
  for (const [tag, others] of Object.entries(entry.retagged ?? {})) retagged[tag] = Object.keys(others).sort().map(packed).join('');
  put('retagged', sortedObject(retagged));
  return meta;
}

function actionLines(facts, advisories) {
  const boundaries = new Map();
  for (const a of advisories) {
    if (!a.first_patched_tag) continue;
    const repo = a.action.split('/').slice(0, 2).join('/').toLowerCase();
    if (!boundaries.has(repo)) boundaries.set(repo, new Set());
    boundaries.get(repo).add(a.first_patched_tag);
  }
  const entries = new Map(Object.entries(facts.actions));
  for (const [name, pins] of Object.entries(facts.pins_only)) if (!entries.has(name)) entries.set(name, { tags_from_pins: pins });
  const lines = [];
  for (const name of [...entries.keys()].sort(byName)) {
    const entry = entries.get(name);
    const tags = chosenTags(name, entry, boundaries.get(name.toLowerCase()) ?? new Set());
    const meta = metaOf(name, entry, tags);
    const parent = entries.get(name.split('/').slice(0, 2).join('/')) ?? entry;
    const newest = [...tagsOf(parent).keys()].filter(t => RELEASE.test(t)).sort(newestFirst)[0];
    // The version that the inputs were read at, where it is not the newest one.
    if (meta.runtimes !== undefined && entry.meta_at !== newest) meta.at = entry.meta_at ?? '';
    lines.push(JSON.stringify([name, tags.map(([t]) => t).join(' '), tags.map(([, s]) => packed(s)).join(''), meta]));
  }
  return lines;
}

/** Intervals of versions, `[from, to)`; `to` is `=x` where x itself is affected and no fixed version is known. */
function rangesOf(text) {
  const version = '(\\d+(?:\\.\\d+)*)';
  const osv = /\(OSV range ([^)]*)\)/.exec(text);
  const source = osv ? osv[1] : text;
  const ranges = [];
  for (const part of source.split('||')) {
    const from = new RegExp(`>=\\s*${version}`).exec(part)?.[1] ?? '';
    const below = new RegExp(`<\\s*${version}`).exec(part)?.[1];
    const through = new RegExp(`<=\\s*${version}`).exec(part)?.[1];
    if (through) ranges.push([from, `=${through}`]);
    else if (below) ranges.push([from, below]);
  }
  return ranges;
}

function advisoryLines(facts) {
  const merged = new Map();
  for (const a of facts.advisories) {
    if (a.relevant_to_workflows === false) continue;
    const [owner, repo, ...rest] = a.action.split('/');
    // An advisory for an action below a repository counts for the repository where both are listed.
    const listed = facts.advisories.some(b => b.ghsa === a.ghsa && b.action === `${owner}/${repo}`);
    const action = listed ? `${owner}/${repo}` : [owner, repo, ...rest].join('/');
    const key = `${action.toLowerCase()} ${a.ghsa}`;
    const patched = /^(\d+(?:\.\d+)*)/.exec(a.patched ?? '')?.[1];
    const known = merged.get(key);
    const ranges = rangesOf(a.affected);
    if (known) {
      for (const r of ranges) if (!known.ranges.some(k => k.join() === r.join())) known.ranges.push(r);
      if (patched && (!known.patched || compareNumbers(numbers(patched), numbers(known.patched)) > 0)) known.patched = patched;
    } else {
      merged.set(key, {
        action, id: a.ghsa, cve: a.cve ?? undefined, severity: a.severity, kind: a.kind, published: a.published,
        ranges, patched, summary: a.summary,
      });
    }
  }
  return [...merged.values()].sort((a, b) => byName(a.action, b.action) || (a.id < b.id ? -1 : 1)).map(a => JSON.stringify(a));
}

function archivedLines(archived, actions) {
  const all = new Map();
  for (const a of archived.archived) {
    const status = a.status.startsWith('archived') || a.status.includes('is archived') ? 'archived' : a.status.split(' ')[0];
    all.set(a.action.toLowerCase(), [a.action.toLowerCase(), status, (a.replacement ?? []).join(', ')]);
  }
  for (const [name, entry] of Object.entries(actions)) {
    if (entry.archived === true && !all.has(name.toLowerCase())) all.set(name.toLowerCase(), [name.toLowerCase(), 'archived', '']);
  }
  return [...all.values()].sort((a, b) => byName(a[0], b[0])).map(a => JSON.stringify(a));
}

function runnerLines(runners) {
  const line = l => {
    const o = { label: l.label, os: l.os, arch: l.arch, status: l.status };
    if (l.alias_of) o.aliasOf = l.alias_of;
    if (l.deprecation) o.deprecated = l.deprecation;
    if (l.retirement) o.retired = /\d{4}-\d{2}-\d{2}/.exec(l.retirement)?.[0];
    if (l.replacement) o.replacement = l.replacement;
    if (l.larger) o.larger = true;
    return o;
  };
  const all = [...runners.labels, ...runners.retired_labels].map(line);
  for (const label of runners.other_known_labels.also_accepted) {
    if (!all.some(l => l.label === label)) all.push({ label, status: 'ga', larger: true });
  }
  return all.sort((a, b) => byName(a.label, b.label)).map(l => JSON.stringify(l));
}

const list = lines => `[\n${lines.join(',\n')}\n]`;

function build(dir) {
  const read = name => JSON.parse(readFileSync(join(dir, name), 'utf8'));
  const actions = read('actions.json'), advisories = read('advisories.json'), archived = read('archived.json');
  const runners = read('runners.json'), permissions = read('permissions.json');
  const generated = /\d{4}-\d{2}-\d{2}/.exec(actions._meta.generated)[0];
  const malicious = advisories.malicious_commits
    .map(m => [m.action.toLowerCase(), packed(m.sha), m.ghsa])
    .sort((a, b) => (a.join() < b.join() ? -1 : 1)).map(m => JSON.stringify(m));
  const scopes = permissions.scopes.map(s => JSON.stringify({
    name: s.scope, values: s.values, risk: s.write_risk_own_words,
    permissive: s.default_permissive, restricted: s.default_restricted, fork: s.max_from_public_fork_pr,
  }));
  const runtimes = runners.node_runtimes.map(r => JSON.stringify({
    using: r.using, status: r.status, removed: /\d{4}-\d{2}-\d{2}/.exec(r.removal_date ?? '')?.[0],
    replaced: /\d{4}-\d{2}-\d{2}/.exec(r.node24_default_date ?? '')?.[0],
  }));
  const retiredVersions = runners.retired_action_versions.map(r => JSON.stringify({
    action: r.action.toLowerCase(), versions: r.versions,
    // A day that nobody has confirmed is not shown.
    since: /not verified/.test(r.since ?? '') ? undefined : /\d{4}-\d{2}-\d{2}/.exec(r.since ?? '')?.[0],
    effect: r.effect,
  }));
  return {
    'actions.json': `{"generated":"${generated}","actions":${list(actionLines(actions, advisories.advisories))}}\n`,
    'advisories.json': `{"advisories":${list(advisoryLines(advisories))},\n"malicious":${list(malicious)}}\n`,
    'archived.json': `${list(archivedLines(archived, actions.actions))}\n`,
    'runners.json': `{"labels":${list(runnerLines(runners))},\n"selfHosted":${JSON.stringify(runners.self_hosted_labels.preset)},\n`
      + `"runtimes":${list(runtimes)},\n"retiredVersions":${list(retiredVersions)}}\n`,
    'scopes.json': `${list(scopes)}\n`,
  };
}

const at = process.argv.indexOf('--facts');
if (at < 0 || !process.argv[at + 1]) {
  console.error('usage: node scripts/generate-catalog.mjs --facts <dir> [--check]');
  process.exit(2);
}
const files = build(process.argv[at + 1]);
if (process.argv.includes('--check')) {
  const current = name => (existsSync(join(OUT, name)) ? readFileSync(join(OUT, name), 'utf8') : '');
  const stale = Object.keys(files).filter(name => current(name) !== files[name]);
  if (stale.length) { console.error(`out of date: ${stale.join(', ')}`); process.exit(1); }
} else {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(OUT, name), text);
}
