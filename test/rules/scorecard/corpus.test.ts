/** The scorecard and the scaffolds over real repositories. `CALIBRATE=1` prints the table. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { RULES } from '../../../rules/checks';
import { analyze, analyzeRepository } from '../../../rules/engine/analyze';
import { DEFAULT_CONFIG } from '../../../rules/engine/rule';
import { PRACTICES } from '../../../rules/practices';
import { createRepository, type Repository } from '../../../rules/repository';
import { computeScorecard, type Scorecard } from '../../../rules/scorecard';
import { fileKind } from '../../../rules/workflow/document';
import { corpusFolder, corpusTitle } from '../../support/corpus';
import { githubAccepts } from '../../support/oracles';

interface Checkout { readonly name: string; readonly files: readonly string[]; readonly read: (file: string) => string | undefined }

function checkouts(): Checkout[] {
  const folder = corpusFolder!;
  return readdirSync(folder).filter(d => existsSync(path.join(folder, d, 'tree.txt'))).sort().map(name => {
    const texts = new Map<string, string | undefined>();
    return {
      name, files: readFileSync(path.join(folder, name, 'tree.txt'), 'utf8').split('\n').filter(Boolean),
      read: file => {
        if (!texts.has(file)) {
          const p = path.join(folder, name, file);
          texts.set(file, existsSync(p) ? readFileSync(p, 'utf8') : undefined);
        }
        return texts.get(file);
      },
    };
  });
}

/** Why a practice is found nowhere, or everywhere, among real repositories. */
const UNIFORM: Readonly<Record<string, string>> = {
  'self-healing': 'no workflow runs failed jobs of others again: `rerun` and `re-run` were searched for, and stand in comments and for single steps alone',
  'workflow-metadata': 'the header with @workflow-… is this product’s own; no file has one',
  'pipeline-metrics': 'no workflow reads the list of runs to report on it: `actions/runs` and `gh run list` were searched for',
  'accessibility-checks': 'five front ends, and neither axe, pa11y nor Lighthouse stands in any of their files',
  'slo-documented': 'one service, and no file of it is named after objectives',
  'chaos-tests': 'one service, which injects no faults',
  'environment-approval': 'two deployments, neither of which names an environment',
  'audit-trail': 'two deployments, neither of which keeps a record of itself',
};

function scorecardOf(repository: Repository): Scorecard {
  const env = { config: { ...DEFAULT_CONFIG, profile: 'strict' as const }, repository, rules: RULES, today: '2026-01-01' };
  const all = analyzeRepository(repository, env);
  return computeScorecard(repository, [...repository.documents.map(d => analyze(d, env)),
    { findings: [...all.findings.values()].flat(), tallies: all.tallies }]);
}

describe('real repositories: scorecard', () => {
  const test = corpusFolder ? it : it.skip;

  test(corpusTitle('scores spread, evidence is where it says, and no practice throws'), () => {
    const cards = checkouts().map(c => ({ name: c.name, repository: createRepository(c.files, c.read) }))
      .map(c => ({ ...c, card: scorecardOf(c.repository) }));
    for (const { name, repository, card } of cards) {
      assert.deepEqual(card.errors, [], name);
      for (const c of card.controls) {
        for (const e of c.evidence) {
          if (e.start === undefined) assert.ok(repository.has(e.path), `${name}: ${e.path}`);
          else assert.ok(e.start <= e.end! && e.end! <= repository.read(e.path)!.length, `${name}: ${c.control.id}`);
        }
        if (c.verdict === 'missing' || c.verdict === 'unknown') assert.ok(c.lookedFor.length > 0, `${name}: ${c.control.id}`);
      }
    }
    const uniform = PRACTICES.filter(p => {
      const verdicts = new Set(cards.map(c => c.card.controls.find(v => v.control.id === p.id)!.verdict).filter(v => v !== 'not-applicable'));
      return verdicts.size === 1 && (verdicts.has('met') || verdicts.has('missing'));
    }).map(p => p.id);
    assert.deepEqual(uniform.filter(id => !(id in UNIFORM)), [], 'met or missing in every repository: is it recognised at all?');
    assert.deepEqual(Object.keys(UNIFORM).filter(id => !uniform.includes(id)), [], 'an explanation that is no longer one');
    const scores = cards.map(c => c.card.score).sort((a, b) => a - b);
    const quantile = (q: number): number => scores[Math.floor(q * (scores.length - 1))]!;
    assert.ok(quantile(0.75) > 1.4 * quantile(0.25), `${quantile(0.25)} … ${quantile(0.75)}`);
    for (const i of [0, 1, 3]) {
      const levels = new Set(cards.map(c => c.card.categories[i]!.level));
      assert.ok(levels.size >= 3, `${cards[0]!.card.categories[i]!.name} has only the levels ${[...levels].join(', ')}`);
    }
    if (process.env['CALIBRATE']) {
      for (const { name, card } of cards.sort((a, b) => b.card.score - a.card.score)) {
        const categories = card.categories.map(c => c.applicable ? `${c.level}:${c.score.toFixed(0)}` : '-').join('  ');
        console.log(name.padEnd(42), card.score.toFixed(1).padStart(5), `level ${card.level}`, categories);
      }
    }
  });

  test(corpusTitle('scaffolds are accepted by GitHub’s parser, cost no points, and are done once'), async () => {
    for (const { name, files, read } of checkouts()) {
      const before = createRepository(files, read);
      const texts = new Map<string, string>();
      const now = (previous: Repository): Repository => createRepository([...files, ...texts.keys()], f => texts.get(f) ?? read(f),
        previous);
      let repository = before;
      for (const p of PRACTICES) {
        const plan = p.scaffold?.plan(repository);
        if (!plan || 'refused' in plan) continue;
        for (const c of plan.changes) texts.set(c.path, c.newText);
        repository = now(repository);
        const again = p.scaffold!.plan(repository);
        assert.ok('refused' in again, `${name}: ${p.id} would change something again`);
      }
      for (const [file, text] of texts) {
        if (fileKind(file) !== 'workflow') continue;
        const old = read(file);
        if (old !== undefined && (await githubAccepts(file, old)).length > 0) continue;
        assert.deepEqual(await githubAccepts(file, text), [], `${name}: ${file}`);
      }
      const was = scorecardOf(before), is = scorecardOf(repository);
      assert.ok(is.score >= was.score - 1e-9, `${name}: ${was.score} → ${is.score}`);
    }
  });
});
