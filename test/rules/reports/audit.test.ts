import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { createRepository, type Repository } from '../../../rules/repository';
import { assess, audit, auditHtml, auditMarkdown, readBaseline, type Audit, type AuditOptions } from '../../../rules/reports';
import { corpusFolder, corpusTitle } from '../../support/corpus';
import { repository, type Files } from '../practices/support';
import { browserPath, browserTitle } from './browser';

const W = '.github/workflows/ci.yml';
const BAD: Files = { [W]: 'name: CI\non: issue_comment\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: octo/thing@main\n      - run: echo "${{ github.event.comment.body }}"\n' };
const GOOD: Files = { ...BAD, [W]: BAD[W]!.replace('"${{ github.event.comment.body }}"', 'hello').replace('jobs:', 'permissions: {}\njobs:'), 'SECURITY.md': 'Write to security@example.org' };
const of = (repo: Repository, more: Partial<AuditOptions> = {}): Audit => audit(assess(repo, { today: '2026-01-01' }), { name: 'thing', date: '2026-01-01', ...more });
const make = (files: Files, more?: Partial<AuditOptions>): Audit => of(repository(files), more);

describe('the audit report', () => {
  it('has a row per component with its gap, and what is severe with risk, impact and recommendation', () => {
    const a = make(BAD);
    assert.deepEqual(a.matrix.map(r => r.component), ['Security', 'Quality', 'Reliability', 'Automation', 'Developer Experience', 'Organisation', 'Overall']);
    const security = a.matrix[0]!;
    assert.deepEqual([security.current, security.target, security.gap, security.priority], [1, 3, 2, a.open.critical > 0 ? 'critical' : 'high']);
    const injection = a.severe.find(f => f.ruleId === 'script-injection-run')!;
    assert.deepEqual(injection.places, [{ path: W, line: 8 }]);
    for (const f of a.severe) for (const text of [f.message, f.risk, f.impact, f.recommendation]) assert.ok(text.length > 5, f.ruleId);
    assert.deepEqual(a.plan.map(p => p.name), ['This week', 'Within two weeks', 'Within a month']);
    assert.ok(a.plan[0]!.steps.some(s => s.id === 'script-injection-run'));
    const ids = a.plan.flatMap(p => p.steps.map(s => s.id));
    assert.equal(new Set(ids).size, ids.length, 'each step once');
    assert.ok(a.manual.some(m => m.includes('branch-protection')));
    assert.equal(a.standards.length, 9);
  });

  it('plans what brings the most for the first week, beside what is small, and one threshold of a gate at a time', () => {
    const repo = repository({ ...GOOD, 'package.json': '{"scripts":{"test":"vitest run"},"devDependencies":{"vitest":"3.0.0"}}', 'package-lock.json': '{}', 'a.ts': '', 'a.test.ts': '' });
    const { card } = assess(repo, { today: '2026-01-01' }), a = of(repo);
    const best = card.actions.find(x => x.kind === 'add')!.controlId;
    assert.ok(a.plan[0]!.steps.some(s => s.id === best), best);
    const ids = a.plan.flatMap(p => p.steps.map(s => s.id));
    assert.ok(card.actions.some(x => x.controlId === 'coverage-gate-80'));
    assert.deepEqual(ids.filter(id => id.startsWith('coverage-gate')), ['coverage-gate-70']);
  });

  it('counts no rule among the strengths that was asked about a place or two', () => {
    const job = (id: string): string => `  ${id}:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo \${{ github.sha }}\n`, all = (...ids: string[]): string[] =>
      make({ [W]: `on: push\npermissions: {}\njobs:\n${ids.map(job).join('')}` }).strengths.map(s => s.id);
    assert.ok(!all('a', 'b').includes('script-injection-run'));
    assert.ok(all('a', 'b', 'c').includes('script-injection-run'));
  });

  it('takes its target from the caller, then the configuration, then the next level from 3 on', () => {
    assert.ok(make(BAD, { target: 5 }).matrix.every(r => r.target === 5));
    assert.deepEqual(make(BAD, { targets: { security: { level: 4 }, overall: { level: 2 } } }).matrix.map(r => r.target), [4, 2, 2, 2, 2, 2, 2]);
    assert.ok(make(BAD).matrix.every(r => r.target === Math.min(5, Math.max(3, r.current + (r.current >= 3 ? 1 : 0)))));
  });

  it('compares with an earlier report, and with itself without a difference', () => {
    const before = make(BAD, { date: '2025-12-01' }), after = make(GOOD, { baseline: readBaseline(JSON.parse(JSON.stringify(before))) });
    const c = after.comparison!;
    assert.equal(c.since, '2025-12-01');
    assert.ok(c.gained.includes('security-policy'));
    assert.deepEqual(c.lost, []);
    assert.ok(c.solved! > 0 && c.rows.find(r => r.component === 'Security')!.after > before.matrix[0]!.score);
    assert.match(auditMarkdown(after), /## Since 2025-12-01\n\n\| Component \| Before \| Now \| Change \| Level \|/);
    const same = make(BAD, { baseline: readBaseline(JSON.parse(JSON.stringify(before))) }).comparison!;
    assert.deepEqual([same.solved, same.added, same.gained, same.lost, same.rows.every(r => r.before === r.after)], [0, 0, [], [], true]);
    const worse = make(BAD, { baseline: readBaseline(JSON.parse(JSON.stringify(make(GOOD)))) }).comparison!;
    assert.ok(worse.lost.includes('security-policy') && worse.added! > 0);
  });

  it('takes a score for an earlier report, and nothing else', () => {
    const score = { version: 1, score: 10, level: 1, categories: { Security: { score: 5, level: 1 } }, controls: [{ id: 'security-policy', verdict: 'missing' }] };
    const c = make(GOOD, { baseline: readBaseline(score) }).comparison!;
    assert.deepEqual(c.rows.map(r => [r.component, r.before]), [['Security', 5], ['Overall', 10]]);
    assert.deepEqual([c.gained, c.solved], [['security-policy'], undefined]);
    for (const wrong of [null, 1, [], {}, { version: 2, score: 1, level: 1, matrix: [] }, { version: 1, score: 'x', level: 1, matrix: [] }, { version: 1, score: 1, level: 1 }]) assert.equal(readBaseline(wrong), undefined);
    const odd = readBaseline({ version: 1, score: 1, level: 1, matrix: [null, { component: 'X' }, { component: 'Y', score: Number.NaN, current: 1 }], controls: 'no', findings: [{}, 3], date: '<b>' });
    assert.deepEqual([odd?.components.size, odd?.date], [0, undefined]);
  });

  it('lets nothing of the repository become markup, in Markdown or in HTML', () => {
    const a = make({ [W]: 'name: "<script>alert(1)</script>"\non: issue_comment\njobs:\n  "<img src=x>":\n    runs-on: x\n    steps:\n      - name: "| <b> [x](javascript:y) `"\n        uses: "<i>/|x|@main"\n      - run: echo "${{ github.event.comment.body }}" "<u>"\n', '.github/workflows/<svg onload=x>.yml': 'on: issue_comment\njobs: {a: {runs-on: x, steps: [{run: "echo ${{ github.event.comment.body }}"}]}}\n' }, { name: '<em>&"thing' });
    const html = auditHtml(a), markdown = auditMarkdown(a);
    assert.doesNotMatch(html, /<(?:script|img|b|i|u|svg|em)\b/);
    assert.match(html, /<title>CI Hardening: audit of &#60;em&#62;&#38;&#34;thing<\/title>/);
    assert.doesNotMatch(markdown.replace(/`[^`\n]*`/g, ''), /<(?:script|img|b|i|u|svg|em)\b|\]\(javascript/);
  });

  it('is one page without scripts and without anything from elsewhere', () => {
    const html = auditHtml(make(BAD));
    assert.match(html, /default-src 'none'; style-src 'unsafe-inline'/);
    assert.match(html, /prefers-color-scheme:dark/);
    assert.match(html, /@media print/);
    assert.doesNotMatch(html, /<script|<link|<img|<iframe|\son\w+=|url\(|@import/i);
  });

  const render = browserPath ? it : it.skip;
  render(browserTitle('reads well in a browser: headings in order, tables with headers, light and dark'), async () => {
    const browser = await chromium.launch({ executablePath: browserPath!, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      const asked: string[] = [], errors: string[] = [];
      page.on('request', r => { asked.push(r.url()); });
      page.on('console', m => { if (m.type() === 'error') errors.push(m.text()); });
      await page.setContent(auditHtml(make(GOOD, { baseline: readBaseline(JSON.parse(JSON.stringify(make(BAD)))) })));
      assert.deepEqual([asked, errors], [[], []]);
      assert.equal(await page.locator('h1').count(), 1);
      assert.equal(await page.locator('th[scope=col]').count() > 10, true);
      assert.ok(await page.getByRole('heading', { name: 'Scoring matrix' }).isVisible());
      const background = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
      await page.emulateMedia({ colorScheme: 'light' });
      const light = await background();
      await page.emulateMedia({ colorScheme: 'dark' });
      assert.notEqual(await background(), light);
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      assert.equal(await background(), 'rgb(255, 255, 255)');
      await page.emulateMedia({ media: 'screen' });
      await page.setViewportSize({ width: 360, height: 800 });
      assert.equal(await page.evaluate('document.documentElement.scrollWidth <= 360'), true, 'nothing is wider than a telephone');
    } finally {
      await browser.close();
    }
  });

  const test = corpusFolder ? it : it.skip;
  test(corpusTitle('names only places that are there, in real repositories'), () => {
    for (const name of ['redis__redis', 'sigstore__cosign', 'actions__setup-go', 'microsoft__playwright', 'pnpm__action-setup']) {
      const folder = path.join(corpusFolder!, name);
      const read = (file: string): string | undefined => (existsSync(path.join(folder, file)) ? readFileSync(path.join(folder, file), 'utf8') : undefined);
      const a = of(createRepository(readFileSync(path.join(folder, 'tree.txt'), 'utf8').split('\n').filter(Boolean), read));
      const places = [...a.severe.flatMap(f => f.places), ...a.strengths.flatMap(s => s.places), ...a.standards.flatMap(s => s.requirements.flatMap(r => r.controls.flatMap(c => c.places)))];
      assert.ok(places.length > 0, name);
      for (const p of places) if (p.line !== undefined) assert.ok(p.line <= (read(p.path) ?? '').split('\n').length, `${name} ${p.path}:${p.line}`);
      assert.ok(auditMarkdown(a).length > 1000);
    }
  });
});
