/** From nothing but a manifest, and from the weakest of real repositories: what comes out is judged by everybody. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { HardenChoice } from '../../../rules/harden';
import { createRepository, type Repository } from '../../../rules/repository';
import { fileKind } from '../../../rules/workflow/document';
import { analyze, analyzeRepository } from '../../../rules/engine/analyze';
import { RULES } from '../../../rules/checks';
import { DEFAULT_CONFIG } from '../../../rules/engine/rule';
import { corpusFolder, corpusTitle } from '../../support/corpus';
import { actionlint, githubAccepts, languageServiceDiagnostics } from '../../support/oracles';
import { repository, type Files } from '../practices/support';
import { assertSound, withPlan, type Hardened } from './support';

const MANIFESTS: Readonly<Record<string, Files>> = {
  'package.json': { 'package.json': '{"name":"x","version":"1.0.0","scripts":{"test":"node --test"}}' },
  'pyproject.toml': { 'pyproject.toml': '[project]\nname = "x"\nversion = "1.0.0"\n\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n' },
  'go.mod': { 'go.mod': 'module example.com/x\n\ngo 1.24\n' },
  'package.json of pnpm': { 'package.json': '{"name":"x","version":"1.0.0","packageManager":"pnpm@9.15.0","scripts":{"test":"vitest run"},"devDependencies":{"vitest":"3.0.0"}}', 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n" },
  'package.json of Yarn': { 'package.json': '{"name":"x","version":"1.0.0","packageManager":"yarn@4.5.0","scripts":{"test":"vitest run"}}', 'yarn.lock': '' },
  'requirements.txt': { 'requirements.txt': 'flask==3.0.0\n' },
  'pyproject.toml of Poetry': { 'pyproject.toml': '[tool.poetry]\nname = "x"\nversion = "1.0.0"\n', 'poetry.lock': '' },
  'pyproject.toml of uv': { 'pyproject.toml': '[project]\nname = "x"\nversion = "1.0.0"\n', 'uv.lock': 'version = 1\n' },
  'Cargo.toml': { 'Cargo.toml': '[package]\nname = "x"\nversion = "0.1.0"\nedition = "2021"\n' },
  'pom.xml': { 'pom.xml': '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>x</artifactId><version>1</version></project>\n' },
  'a project of .NET': { 'X.csproj': '<Project Sdk="Microsoft.NET.Sdk"></Project>\n' },
  'Gemfile': { 'Gemfile': "source 'https://rubygems.org'\n" },
  'composer.json': { 'composer.json': '{"name":"a/x"}\n' },
  'Package.swift': { 'Package.swift': '// swift-tools-version:5.9\n' },
};

/** Among the lowest scores of all that are there; each of another stack. */
const WEAK = ['nick-fields__retry', 'ytdl-org__youtube-dl', 'redhat-developer__vscode-yaml', 'libsdl-org__SDL', 'zaproxy__action-full-scan'];
/** Where files decide all that is left; in the others somebody has to. */
const REACHES = new Set(['nick-fields__retry', 'redhat-developer__vscode-yaml', 'zaproxy__action-full-scan']);
/** Real repositories are here without what is outside of `.github`: something that could stand in its place. */
const STAND_IN: Files = {
  'package.json': '{"name":"x","version":"1.0.0","scripts":{"test":"jest"},"devDependencies":{"jest":"29.0.0"}}',
  'package-lock.json': '{"name":"x","version":"1.0.0","lockfileVersion":3,"packages":{}}',
};

interface Complaints { readonly rules: readonly string[]; readonly others: readonly string[] }

/** What is wrong with a repository's files, by all judges. Rules by file, job and id, as a changed line moves them. */
async function complaints(repo: Repository, paths: readonly string[]): Promise<Complaints> {
  const env = { config: { ...DEFAULT_CONFIG, profile: 'strict' as const }, repository: repo, rules: RULES, today: '2026-01-01' };
  const rules: string[] = [], others: string[] = [];
  const wide = analyzeRepository(repo, env).findings;
  for (const p of paths) {
    const document = repo.document(p), text = repo.read(p);
    if (!document || text === undefined) continue;
    for (const f of [...analyze(document, env).findings, ...wide.get(p) ?? []]) if (!f.suppressed) {
      const job = document.workflow?.jobs.find(j => document.range(j.entry).start <= f.range.start && f.range.start < document.range(j.entry).end);
      rules.push(`${p} ${job?.id ?? ''} ${f.ruleId}`);
    }
    if (fileKind(p) !== 'workflow') continue;
    for (const m of await githubAccepts(p, text)) others.push(`${p} GitHub: ${m.replace(/\(Line: \d+, Col: \d+\)/, '')}`);
    for (const d of await languageServiceDiagnostics(p, text)) others.push(`${p} language service: ${d.message}`);
    for (const a of await actionlint(p, text)) others.push(`${p} actionlint: ${a.message}`);
  }
  return { rules, others };
}

/** Accepted, with the reason. */
const ACCEPTED: readonly RegExp[] = [
  // The repository runs its build through the wrapper that it checks in; so does what tests it.
  / coverage binary-in-repo$/,
];

async function assertClean(before: Repository, { plan }: Hardened): Promise<void> {
  const after = withPlan(before, plan), paths = plan.changes.map(c => c.path);
  const old = await complaints(before, paths), now = await complaints(after, paths);
  const known = new Set([...old.rules, ...old.others]);
  assert.deepEqual([...now.rules, ...now.others].filter(c => !known.has(c) && !ACCEPTED.some(a => a.test(c))), []);
}

/** What keeps a category from the target is named, with a reason. */
function assertExplained({ plan }: Hardened, choice: HardenChoice & { readonly target: number }): void {
  for (const c of plan.after.categories) {
    if (!c.applicable || c.level >= choice.target) continue;
    for (const id of c.blockers) assert.ok(plan.remaining.some(r => r.id === id), `${c.name} is at level ${c.level}: nothing says why ${id} is open`);
  }
}

describe('harden: from nothing', () => {
  for (const [manifest, files] of Object.entries(MANIFESTS)) {
    it(`${manifest} alone to level 5: clean for every judge, and every category there that files decide`, async () => {
      const choice = { target: 5 } as const, repo = repository(files), made = assertSound(repo, choice);
      // What is left of Organisation is a setting, and only GitHub knows it.
      assert.deepEqual(made.plan.after.categories.filter(c => c.applicable && c.level < 5).map(c => [c.name, c.levels[1], c.blockers]), [['Organisation', 5, ['branch-protection']]]);
      for (const r of made.plan.remaining) assert.doesNotMatch(r.reason, /would lower|failed/, r.id);
      assertExplained(made, choice);
      await assertClean(repo, made);
    });
  }
});

describe('harden: real repositories', () => {
  for (const name of WEAK) {
    const test = corpusFolder ? it : it.skip;
    test(corpusTitle(`${name} to level 3: its own jobs and comments stay, and nothing new is wrong`), async () => {
      const folder = path.join(corpusFolder!, name), files = readFileSync(path.join(folder, 'tree.txt'), 'utf8').split('\n').filter(Boolean);
      const repo = createRepository(files, f => (existsSync(path.join(folder, f)) ? readFileSync(path.join(folder, f), 'utf8') : STAND_IN[f]));
      const choice = { target: 3, unsafe: true } as const, made = assertSound(repo, choice);
      assert.ok(made.plan.after.score >= made.plan.before.score + 10, `${made.plan.before.score} → ${made.plan.after.score}`);
      const below = made.plan.after.categories.filter(c => c.applicable && c.level < 3).map(c => [c.name, c.levels[1], c.blockers]);
      if (REACHES.has(name)) assert.deepEqual(below, [['Organisation', 3, ['branch-protection']]]);
      assertExplained(made, choice);
      await assertClean(repo, made);
    });
  }
});
