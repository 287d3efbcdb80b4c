import assert from 'node:assert/strict';
import type { Diagnostic } from 'vscode-languageserver/node';
import type { Finding } from '../../rules';
import { check, type Case as Checkable } from '../support/check';
import { corpusFiles, corpusFolder, corpusTitle } from '../support/corpus';
import { fixtureRules, fixturesOf } from '../support/fixtures';
import { Official } from '../support/official';
import { TestClient } from './client';
import { TemporaryFolder } from './folder';

type Case = Checkable & { readonly folder: string; readonly text: string };

/** What GitHub's server complains of, and which of our rules, by their words, say the same with it. */
const SAME: readonly (readonly [theirs: RegExp, rule: string, ours: RegExp])[] = [
  [/literal text outside replacement tokens/, 'condition-always-true', /with text around/],
  [/Required property is missing: shell/, 'composite-shell-missing', /has no `shell`/],
  [/Required property is missing: name/, 'workflow-unnamed', /The action has no name/],
  [/schedules run at most every 5 minutes/, 'schedule-hotspot', /more often than every five/],
  [/may be a shortened commit SHA/, 'unpinned-action', /abbreviated commit/],
  [/may be a shortened commit SHA/, 'unpinned-reusable-workflow', /abbreviated commit/],
  [/Unexpected value/, 'concurrency-queue-invalid', /is no queue/],
  [/cannot be combined with/, 'concurrency-queue-invalid', /cancel-in-progress: true/],
  [/Unable to (?:resolve action|find reusable workflow)/, 'pin-impostor-commit', /has the commit/],
  [/./, 'graph-invalid', /./],
];

/**
 * Rules that say what GitHub does not take, or can't do: what they say beside GitHub's server is read pair by pair. All others speak
 * of what may happen, which it never does.
 */
const OF_VALIDITY = /invalid|graph|condition-|shell-missing|queue|background|hotspot|dead|unknown|impossible|metadata|impostor|ambiguous|lockfile-in|retired|outdated|local-action|deprecated|unnamed/;

/** Pairs of those that are about the same line and not about the same thing. */
const DIFFERENT: readonly (readonly [theirs: RegExp, rule: RegExp])[] = [
  // What the line reads may not be there. Ours: what comes of it.
  [/^Context access might be invalid/, /^condition-/],
  // It doesn't know these keys yet, and says so wherever they stand.
  [/^Unexpected value '(?:background|wait|wait-all|cancel|parallel)'|^Expected one of uses or run/, /^background-step-unjoined$/],
  // It can't find the action, or lacks an input of it. Ours: which version it is.
  [/^Unable to (?:resolve action|find reusable workflow)|^Missing required inputs?/, /^(?:action-runtime-outdated|lockfile-\w+|ref-ambiguous|pin-impostor-commit)$/],
  // Something in the action, or in the step, lacks a name or a text. Ours: the step has none.
  [/^Required property is missing|^There's not enough info|^Unexpected value|^Unable to|^Missing required/, /^workflow-unnamed$/],
];

describe('language server: beside GitHub\'s own', function () {
  this.timeout(180_000);

  interface Seen { readonly name: string; readonly ours: Diagnostic; readonly theirs: Diagnostic }
  interface Both { readonly pairs: Seen[]; readonly theirs: number; readonly ours: number; readonly unsaid: string[]; readonly left: Set<Case> }

  /**
   * Asks GitHub's server in its process about each file, and our rules, which here need no server to be asked. `left` are the files with
   * something that ours leaves to the other one, `unsaid` what the other one does not say of that.
   */
  const look = async (cases: readonly Case[], files: Readonly<Record<string, string>>): Promise<Both> => {
    const folder = new TemporaryFolder(files);
    const official = await Official.start([...new Set(cases.map(c => c.folder))].map(name => folder.uri(name)));
    try {
      const both = { pairs: [] as Seen[], theirs: 0, ours: 0, unsaid: [] as string[], left: new Set<Case>() };
      for (const kase of cases) {
        const theirs = await official.diagnostics(folder.uri(`${kase.folder}/${kase.path}`), kase.text);
        const { document, findings } = check(kase, kase.text);
        const range = (f: Finding) => ({ start: document.positionAt(f.range.start), end: document.positionAt(f.range.end) });
        both.theirs += theirs.length;
        for (const f of findings) {
          if (f.suppressed || f.absorbedBy !== undefined) continue;
          const ours: Diagnostic = { range: range(f), code: f.ruleId, message: f.message };
          const name = `${kase.folder}/${kase.path}:${ours.range.start.line + 1}`;
          if (f.official) {
            both.left.add(kase);
            if (!theirs.some(d => near(ours, d, 1))) both.unsaid.push(`${name} ${f.message}`);
            continue;
          }
          both.ours++;
          for (const d of theirs) if (near(ours, d, 0)) both.pairs.push({ name, ours, theirs: d });
        }
      }
      return both;
    } finally {
      await official.stop();
      folder.dispose();
    }
  };

  /** The same with a language server of ours, over its connection. */
  const connected = async (cases: readonly Case[], files: Readonly<Record<string, string>>, officialExtension: boolean): Promise<{ pairs: Seen[]; total: number }> => {
    const own = new Set(cases.map(c => `${c.folder}/`));
    const folder = new TemporaryFolder(Object.fromEntries(Object.entries(files).filter(([path]) => own.has(path.slice(0, path.indexOf('/') + 1)))));
    const official = await Official.start(cases.map(c => folder.uri(c.folder)));
    const client = await TestClient.start({ folders: [folder.folder], settings: { officialExtension, profile: 'strict' } });
    try {
      const pairs: Seen[] = [];
      let total = 0;
      for (const { folder: name, path, text } of cases) {
        const uri = folder.uri(`${name}/${path}`);
        const theirs = await official.diagnostics(uri, text);
        await client.open(uri, text);
        const shown = await client.diagnostics(uri);
        total += shown.length;
        for (const ours of shown) for (const d of theirs) if (near(ours, d, 0)) pairs.push({ name: `${name}:${ours.range.start.line + 1}`, ours, theirs: d });
      }
      return { pairs, total };
    } finally {
      await client.stop();
      await official.stop();
      folder.dispose();
    }
  };

  it('says nothing that it says, in the workflows of every rule', async () => {
    const fixtures = fixtureRules().flatMap(rule => fixturesOf(rule)).filter(f => !f.withoutRepository && /\/workflows\/[^/]+\.ya?ml$|(?:^|\/)action\.ya?ml$/.test(f.path));
    const files: Record<string, string> = {};
    const cases = fixtures.map((f): Case => {
      const folder = `${f.ruleId}-${f.name}`;
      for (const [path, text] of f.files) files[`${folder}/${path}`] = text;
      files[`${folder}/${f.path}`] = f.text;
      return { folder, path: f.path, text: f.text, files: f.files, config: f.config, online: f.online };
    });
    const { pairs, theirs, ours, unsaid, left } = await look(cases, files);
    assert.ok(theirs > 300, `GitHub's server said ${theirs}`);
    assert.ok(ours > 1000, `ours said ${ours}`);
    assert.ok(pairs.length > 100, `${pairs.length} lines have both`);
    assert.deepEqual(twice(pairs), []);
    assert.deepEqual(undecided(pairs), []);
    assert.deepEqual(unsaid, []);
    // With a server of ours beside it, too.
    const some = [...left].filter((_, i) => i % 6 === 0);
    assert.ok(some.length > 10, `${some.length} files`);
    const shown = await connected(some, files, true);
    assert.ok(shown.total > 20);
    assert.deepEqual(twice(shown.pairs), []);
    assert.ok(twice((await connected(some, files, false)).pairs).length > 10, 'where it does not know of the other one, there is plenty');
  });

  it(corpusTitle('says nothing that it says, in real files'), async () => {
    if (!corpusFolder) return;
    const all = corpusFiles().filter(f => f.kind === 'workflow' || f.kind === 'action');
    const every = Number(process.env['CI_HARDENING_EVERY'] ?? 8);
    const beside = (repository: string, path: string) => new Map(all.filter(f => f.repository === repository && f.path !== path).map(f => [f.path, f.text]));
    const cases = all.filter((f, i) => i % every === 0 && f.text.length < 60_000)
      .map((f): Case => ({ folder: f.repository, path: f.path, text: f.text, files: beside(f.repository, f.path) }));
    assert.ok(cases.length > 30);
    const { pairs, theirs } = await look(cases, Object.fromEntries(all.map(f => [`${f.repository}/${f.path}`, f.text])));
    assert.ok(theirs > 10, `GitHub's server said ${theirs}`);
    assert.deepEqual(twice(pairs), []);
    assert.deepEqual(undecided(pairs), []);
  });

  function twice(pairs: readonly Seen[]): string[] {
    return pairs.filter(p => SAME.some(([theirs, rule, ours]) => p.ours.code === rule && theirs.test(String(p.theirs.message)) && ours.test(String(p.ours.message)))).map(tell);
  }

  function undecided(pairs: readonly Seen[]): string[] {
    return pairs.filter(p => OF_VALIDITY.test(String(p.ours.code)) && !SAME.some(([theirs, rule]) => p.ours.code === rule && theirs.test(String(p.theirs.message)))
      && !DIFFERENT.some(([theirs, rule]) => theirs.test(String(p.theirs.message)) && rule.test(String(p.ours.code)))).map(tell);
  }
});

function tell({ name, ours, theirs }: { readonly name: string; readonly ours: Diagnostic; readonly theirs: Diagnostic }): string {
  return `${name} ${String(ours.code)} ${String(ours.message)} | ${String(theirs.message)}`;
}

/** Whether they have a line in common, or no more than some lines between them. */
function near(a: Diagnostic, b: Diagnostic, lines: number): boolean {
  return a.range.start.line - lines <= b.range.end.line && b.range.start.line - lines <= a.range.end.line;
}
