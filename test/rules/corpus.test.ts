/**
 * Every rule and every fix over real repositories: nothing throws, and a fixed file is no worse for anybody else's parser.
 */
import assert from 'node:assert/strict';
import { parseDocument } from 'yaml';
import { analyze, analyzeRepository, applyFixes, createRepository, DEFAULT_CONFIG, parseSource, type Repository } from '../../rules';
import type { SourceDocument } from '../../rules/workflow/document';
import { effectiveShell } from '../../rules/workflow/effective';
import { actionlint, githubAccepts } from '../support/oracles';
import { corpusFiles, corpusFolder, corpusTitle } from '../support/corpus';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const config = { ...DEFAULT_CONFIG, profile: 'strict' as const };

function repositories(): Map<string, Repository> {
  const out = new Map<string, Repository>();
  const files = corpusFiles();
  for (const name of new Set(files.map(f => f.repository))) {
    const names = readFileSync(path.join(corpusFolder!, name, 'tree.txt'), 'utf8').split('\n').filter(Boolean);
    const own = files.filter(f => f.repository === name);
    out.set(name, createRepository([...new Set([...names, ...own.map(f => f.path)])].sort(), p => own.find(f => f.path === p)?.text));
  }
  return out;
}

/** Scripts that bash would run, in document order of their steps that a fix may move but never takes away. */
function bashScripts(document: SourceDocument): string[] {
  const steps = [...(document.workflow?.jobs.flatMap(j => j.steps) ?? []), ...(document.action?.steps ?? [])];
  return steps.flatMap(step => {
    if (!step.run) return [];
    const { shell } = effectiveShell(step, step.job, document.workflow);
    return shell === 'bash' || shell === 'sh' ? [step.run.scalar.value.replace(/\$\{\{.*?\}\}/gs, 'expression')] : [];
  });
}

/** What actionlint 1.7.7 does not know yet, and GitHub does. */
const NEWER_THAN_ACTIONLINT: readonly RegExp[] = [
  // `uses: $/path`, of this repository at the commit of the workflow.
  /^specifying action "\$\/[^"]*" in invalid format because ref is missing/,
  // What a job may do with the cache.
  /^unexpected key "cache-mode" for "job" section/,
];

/** What actionlint says about a fixed file and did not say before; where it says it doesn't count, lines move. */
async function lintComplaints(file: string, before: string, after: string): Promise<string[]> {
  const known = new Set((await actionlint(file, before)).map(p => unplaced(p.message)));
  const now = (await actionlint(file, after)).map(p => p.message);
  return now.filter(m => !known.has(unplaced(m)) && !NEWER_THAN_ACTIONLINT.some(pattern => pattern.test(m)));
}

const unplaced = (message: string): string => message.replace(/\bline:?\s*\d+|\bcol(?:umn)?:?\s*\d+|\d+:\d+/g, '');

const parses = (script: string): boolean => spawnSync('bash', ['-n'], { input: script }).status === 0;

describe('real repositories', () => {
  const test = corpusFolder ? it : it.skip;

  test(corpusTitle('are checked without an error of a rule'), () => {
    const errors: string[] = [];
    let findings = 0;
    for (const [name, repository] of repositories()) {
      for (const document of repository.documents) {
        const analysis = analyze(document, { config, repository });
        errors.push(...analysis.errors.map(e => `${name}/${document.path}: ${e.ruleId}: ${e.message}`));
        findings += analysis.findings.length;
      }
      analyzeRepository(repository, { config, repository });
    }
    assert.deepEqual(errors, []);
    assert.ok(findings > 1000, `only ${findings} findings`);
  });

  for (const safety of ['safe', 'unsafe'] as const) {
    test(corpusTitle(`are repaired by every ${safety} fix without harm`), async () => {
      const harm: string[] = [];
      const repos = repositories();
      let changed = 0;
      for (const file of corpusFiles()) {
        const repository = repos.get(file.repository)!;
        const env = { config, repository };
        const result = applyFixes(file.path, file.text, { safety, env });
        if (result.text === file.text) continue;
        changed++;
        const where = `${file.repository}/${file.path}`;
        const before = parseDocument(file.text, { uniqueKeys: false }), after = parseDocument(result.text, { uniqueKeys: false });
        if (after.errors.length > before.errors.length) harm.push(`${where}: ${after.errors[0]!.message}`);
        if (file.kind !== 'dependabot') {
          const accepted = await githubAccepts(file.path, file.text), now = await githubAccepts(file.path, result.text);
          if (now.length > accepted.length) harm.push(`${where}: GitHub: ${now.find(m => !accepted.includes(m))}`);
        }
        if (file.kind === 'workflow') for (const m of await lintComplaints(file.path, file.text, result.text)) harm.push(`${where}: actionlint: ${m}`);
        const again = applyFixes(file.path, result.text, { safety, env });
        if (again.text !== result.text) harm.push(`${where}: a second pass changes it again (${again.applied.map(a => a.ruleId).join(', ')})`);
        const count = (text: string) => {
          const tally = new Map<string, number>();
          for (const f of analyze(parseSource(file.path, text), env).findings)
            if (!f.suppressed && !f.absorbedBy) tally.set(f.ruleId, (tally.get(f.ruleId) ?? 0) + 1);
          return tally;
        };
        const known = new Set(bashScripts(parseSource(file.path, file.text)));
        const broken = bashScripts(parseSource(file.path, result.text)).filter(script => !known.has(script) && !parses(script));
        // A script that bash refused before may be refused after.
        if (broken.length > 0 && broken.length > [...known].filter(script => !parses(script)).length) harm.push(`${where}: bash refuses ${JSON.stringify(broken[0])}`);
        const was = count(file.text);
        for (const [rule, n] of count(result.text)) if (n > (was.get(rule) ?? 0)) harm.push(`${where}: ${n - (was.get(rule) ?? 0)} new finding(s) of ${rule}`);
      }
      assert.deepEqual(harm, []);
      assert.ok(changed > 50, `only ${changed} files changed`);
    });
  }
});
