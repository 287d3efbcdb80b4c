import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { copyOf } from '../workspace';
import { barriers } from './barriers';
import { User } from './user';

const SAMPLE = join(__dirname, '../../../sample');
const CI = '.github/workflows/ci.yml';
const LONG = 4000;
/** `end` waits for a job two stages before it, too. */
const RELEASE = `name: Release train
on: workflow_dispatch
jobs:
${[['first', ''], ['second', 'first'], ['beside', 'first'], ['third', 'second'], ['end', 'third, beside, first']].map(([id, needs]) => `  ${id}:\n    needs: [${needs}]\n    runs-on: ubuntu-24.04\n    steps:\n      - run: make ${id}\n`).join('')}`;

const THEMES = [
  ['Dark Modern', 'vs-dark', 'dark'], ['Default High Contrast', 'hc-black', 'high-contrast-dark'],
  ['Default High Contrast Light', 'hc-light', 'high-contrast-light'], ['Light Modern', 'vs', 'light'],
] as const;

/** The sample as a repository in which one thing after the other is mended, three weeks apart, and which has set itself targets. */
function repositoryWithHistory(): string {
  const folder = copyOf(SAMPLE, 'source');
  const git = (args: readonly string[], day = 0): void => {
    const date = new Date(Date.now() - day * 86_400_000).toISOString();
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], { cwd: folder, stdio: 'ignore', env: { ...process.env, GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date } });
  };
  const change = (file: string, edit: (text: string) => string): void => { writeFileSync(join(folder, file), edit(existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : '')); };
  const steps: [string, () => void][] = [
    ['Start', () => { change('.github/workflows/release.yml', () => RELEASE); }],
    ['Limit the token', () => { change(CI, text => text.replace('jobs:', 'permissions:\n  contents: read\n\njobs:')); }],
    ['Say who reviews', () => { change('.github/CODEOWNERS', () => '* @shop/platform\n'); }],
    ['Let failing tests fail', () => { change(CI, text => text.replace('npm test || true', 'npm test')); }],
    ['Echo nothing of a stranger', () => { change(CI, text => text.replace(/run: echo "Building.*/, 'run: echo "Building"')); }],
    ['Give jobs a time limit', () => { change(CI, text => text.replace('runs-on: ubuntu-latest', 'runs-on: ubuntu-24.04\n    timeout-minutes: 10')); }],
    ['Aim higher', () => { change('.github/ci-hardening.yml', () => `targets:\n  overall: { level: 3, by: ${new Date(Date.now() + 60 * 86_400_000).toISOString().slice(0, 10)} }\n  Security: 2\n  Organisation: 1\n`); }],
    ['Update dependencies by a robot', () => { change('.github/dependabot.yml', () => 'version: 2\nupdates:\n  - package-ecosystem: github-actions\n    directory: /\n    schedule:\n      interval: weekly\n'); }],
  ];
  git(['init', '-q', '-b', 'main']);
  steps.forEach(([message, step], index) => {
    step();
    git(['add', '-A']);
    git(['commit', '-q', '--allow-empty', '-m', message], (steps.length - index) * 21);
  });
  return folder;
}

/** So many commits that nobody waits for the last one. */
function repositoryWithLongHistory(): string {
  const folder = copyOf(SAMPLE, 'source');
  const text = readFileSync(join(folder, CI), 'utf8');
  const git = (args: readonly string[], input?: string): void => { execFileSync('git', args, { cwd: folder, input, stdio: ['pipe', 'ignore', 'ignore'] }); };
  const commits = Array.from({ length: LONG }, (_, n) => {
    const file = `${text}# ${n}\n`, message = `Commit ${n}`;
    return `commit refs/heads/main\ncommitter A <a@example.org> ${1_600_000_000 + n * 40_000} +0000\ndata ${message.length}\n${message}\nM 100644 inline ${CI}\ndata ${Buffer.byteLength(file)}\n${file}\n`;
  });
  git(['init', '-q', '-b', 'main']);
  git(['fast-import', '--quiet'], commits.join(''));
  git(['reset', '-q', 'main']);
  return folder;
}

describe('the scorecard page', () => {
  let user: User;
  const panel = () => user.panel();
  const button = (name: string | RegExp) => panel().getByRole('button', { name });
  /** Comes to the page by its command, as after any other work. */
  const open = async (): Promise<void> => {
    await user.command('CI Hardening: Open Scorecard');
    await panel().locator('.overall .value').waitFor({ timeout: 30_000 });
  };
  /** Where Tab leads to from the start of the page, until it has been at something. */
  const press = async (name: string | RegExp, key: 'Enter' | 'Space' = 'Enter'): Promise<void> => {
    await button(name).first().focus();
    await user.page.keyboard.press(key);
  };

  before(async () => {
    const source = repositoryWithHistory();
    user = await User.arrive(source);
    rmSync(dirname(source), { recursive: true });
    await open();
  });
  after(async () => { await user?.leave(); });
  afterEach(async function () { if (this.currentTest?.state === 'failed') await user?.screenshot(`failed ${this.currentTest.title}`.replaceAll(/\W+/g, '-')); });

  it('says what is aimed at and how far that is', async () => {
    const rows = panel().locator('.targets li');
    assert.deepEqual((await rows.locator('strong').allInnerTexts()), ['Overall score', 'Security', 'Organisation']);
    assert.match(await rows.first().innerText(), /level [12] → 3 Managed[^]*(one level|2 levels) to go · by .+ · (59|60) days left/);
    assert.match(await rows.last().innerText(), /reached/);
    assert.equal(await rows.last().getByRole('button').count(), 0, 'nothing is left to do for it');
    assert.match(await panel().locator('.ladder li').nth(2).innerText(), /3 Managed\s*Target/);
    await panel().getByRole('img', { name: /level \d of 5, target: level 2/ }).waitFor();
  });

  it('starts the preview of what a target needs', async () => {
    await press(/^Harden to Level 2… Security/);
    await user.page.locator('.bulk-edit-panel .monaco-list-row').first().waitFor({ timeout: 30_000 });
    await user.page.locator('.bulk-edit-panel').getByRole('button', { name: 'Discard' }).click();
    await user.page.locator('.bulk-edit-panel').waitFor({ state: 'hidden' });
    await open();
  });

  it('leads to the line of what is done by hand', async () => {
    await press(/^Show \d+ more$/);
    await press(/^Go to Line: /);
    await user.page.locator('.tab.active', { hasText: /\.ya?ml|Dockerfile|\.json|\.md/ }).waitFor();
    await user.page.locator('.editor-instance .view-line').first().waitFor();
    await open();
  });

  it('starts the preview of a next best action', async () => {
    await panel().locator('.actions li', { hasText: 'changes existing files, with preview' }).getByRole('button', { name: /^Apply: / }).first().waitFor();
    await panel().locator('.actions').getByRole('button', { name: /^(Add|Apply|Fix): / }).first().focus();
    await user.page.keyboard.press('Enter');
    await user.page.locator('.bulk-edit-panel .monaco-list-row').first().waitFor({ timeout: 30_000 });
    await user.page.locator('.bulk-edit-panel').getByRole('button', { name: 'Discard' }).click();
    await user.page.locator('.bulk-edit-panel').waitFor({ state: 'hidden' });
    await open();
  });

  it('shows the score of each commit as a line and as a table', async () => {
    assert.equal(await panel().locator('.plot').count(), 0);
    await press('Show History');
    const plot = panel().getByRole('slider', { name: 'Commit, from oldest to newest' });
    await plot.waitFor({ timeout: 30_000 });
    // What is shown while nothing is chosen is the newest commit.
    assert.deepEqual([await plot.getAttribute('aria-valuenow'), await plot.getAttribute('aria-valuemax')], ['8', '8']);
    assert.match(await plot.getAttribute('aria-valuetext') ?? '', /^\d+ of 100(?: \([+−]\d+\))? · Level \d · .+ · [0-9a-f]{7} · Update dependencies by a robot$/);
    assert.equal(await panel().locator('.drawing .dot').count(), 8);
    assert.match(await panel().locator('.drawing').textContent() ?? '', /now[^]*target: level 3 · /);
    await panel().locator('summary', { hasText: 'Commits (8)' }).focus();
    await user.page.keyboard.press('Enter');
    const rows = panel().locator('.trend tbody tr');
    assert.equal(await rows.count(), 8);
    assert.match(await rows.last().innerText(), /[0-9a-f]{7} Start/);
    const numbers = await rows.locator('td:nth-child(3)').allInnerTexts();
    assert.ok(Number(numbers[0]) > Number(numbers.at(-1)), numbers.join());
  });

  it('reads the line by keyboard, for one category as for all', async () => {
    const plot = panel().getByRole('slider');
    await plot.focus();
    await user.page.keyboard.press('Home');
    assert.match(await plot.getAttribute('aria-valuetext') ?? '', /· Start$/);
    await user.page.keyboard.press('ArrowRight');
    assert.equal(await plot.getAttribute('aria-valuenow'), '2');
    assert.equal(await panel().locator('.reading').innerText(), await plot.getAttribute('aria-valuetext'));
    const series = panel().getByRole('combobox', { name: 'Score shown' });
    await series.focus();
    await user.page.keyboard.press('ArrowDown');
    await panel().locator('.reading', { hasText: /^\d+ of 100[^]*Update dependencies/ }).waitFor();
    assert.equal(await series.inputValue(), 'Security');
    assert.doesNotMatch(await panel().locator('.reading').innerText(), /Level/);
    assert.equal(await series.evaluate(node => node === node.ownerDocument.activeElement), true);
    await user.page.keyboard.press('ArrowUp');
    await panel().locator('.reading', { hasText: 'Level' }).waitFor();
  });

  it('draws the pipeline with an arrow to each job from what it waits for', async () => {
    await panel().locator('#pipelines').scrollIntoViewIfNeeded();
    await panel().locator('.pipeline summary', { hasText: 'Deploy' }).focus();
    await user.page.keyboard.press('Enter');
    const deploy = panel().locator('.pipeline', { hasText: 'Deploy' });
    const jobs = deploy.locator('.job');
    const arrows = deploy.locator('.arrows path');
    await arrows.first().waitFor({ state: 'attached' });
    assert.ok(await arrows.count() >= await jobs.count(), 'none stands alone');
    const ends = await arrows.evaluateAll(paths => paths.map(path => (path as unknown as { getTotalLength(): number }).getTotalLength()));
    assert.ok(ends.every(length => length > 10), ends.join());
    await panel().locator('.pipeline summary', { hasText: 'Release train' }).focus();
    await user.page.keyboard.press('Enter');
    const train = panel().locator('.pipeline', { hasText: 'Release train' });
    await train.locator('.arrows path').first().waitFor({ state: 'attached' });
    assert.equal(await train.locator('.arrows path').count(), 6, 'one from the trigger; none where a job between waits as well');
    assert.equal(await train.locator('.lane').count(), 1, 'what leads over a stage has room there');
    await user.screenshot('12-pipelines-light');
  });

  it('copies the pipelines for a Markdown file', async () => {
    await press('Copy as Mermaid');
    await user.page.locator('.statusbar-item', { hasText: 'The diagram was copied' }).waitFor();
    assert.match(await user.page.evaluate('navigator.clipboard.readText()'), /^```mermaid\nflowchart LR\n[^]*\n```\n$/);
  });

  it('saves the badge where it is told to', async () => {
    await press('Export Badge…');
    const input = user.page.locator('.quick-input-widget input').first();
    await input.waitFor();
    // The dialog first shows the folder, then the name that is proposed.
    await user.page.waitForFunction('document.querySelector(".quick-input-widget input").value.endsWith("/ci-hardening.svg")');
    await user.page.keyboard.press('Enter');
    await user.page.locator('.notification-list-item', { hasText: 'The badge was saved as ci-hardening.svg' }).getByRole('button', { name: 'Copy Markdown' }).click();
    const score = await panel().locator('.overall .value').innerText();
    assert.match(readFileSync(join(user.folder, 'ci-hardening.svg'), 'utf8'), new RegExp(`^<svg [^>]*aria-label="CI hardening: ${score} · `));
    await user.page.waitForFunction('navigator.clipboard.readText().then(text => text === "![CI hardening](ci-hardening.svg)")');
  });

  it('exports the report', async () => {
    await press('Export Report…');
    await user.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Markdown' }).click();
    await user.page.locator('.view-line', { hasText: 'Audit of the pipelines of' }).first().waitFor({ timeout: 30_000 });
    await user.command('View: Revert and Close Editor');
    await panel().locator('.overall .value').waitFor();
  });

  it('moves nothing for whoever wants no motion', async () => {
    const durations = (): Promise<string[]> => panel().locator('.disclosure .icon, .meter .known, summary .icon').evaluateAll(nodes => [...new Set(nodes.map(node => node.ownerDocument.defaultView!.getComputedStyle(node).transitionDuration))]);
    assert.ok((await durations()).some(duration => duration !== '0s'));
    await user.page.emulateMedia({ reducedMotion: 'reduce' });
    assert.deepEqual(await durations(), ['0s']);
    await user.page.emulateMedia({ reducedMotion: 'no-preference' });
  });

  it('is as it was left after a reload of the window', async () => {
    await panel().getByText(/^All \(\d+\)$/).click();
    const first = panel().locator('button.disclosure').first();
    await first.click();
    const name = await first.innerText();
    const closed = panel().locator('.pipeline summary').first();
    await closed.focus();
    await user.page.keyboard.press('Enter');
    await first.evaluate(node => { node.scrollIntoView({ block: 'center' }); });
    const scroll = () => panel().locator('main').evaluate(node => node.ownerDocument.defaultView!.scrollY);
    const before = await scroll();
    assert.ok(before > 300, String(before));
    await user.command('Developer: Reload Window');
    await panel().locator('.plot').waitFor({ state: 'detached', timeout: 60_000 });
    await panel().locator('.plot').waitFor({ timeout: 60_000 });
    await user.page.locator('.tab.active', { hasText: 'CI Hardening Scorecard' }).waitFor();
    assert.equal(await panel().getByRole('button', { name, expanded: true }).count(), 1);
    assert.equal(await panel().getByRole('radio', { name: /^All/ }).isChecked(), true);
    assert.deepEqual(await panel().locator('.pipeline').evaluateAll(nodes => nodes.map(node => node.hasAttribute('open'))), [false, true, false, true]);
    assert.equal(await panel().locator('.trend tbody tr').first().isVisible(), true, 'the table is unfolded');
    assert.ok(Math.abs(await scroll() - before) < 40, `${await scroll()} instead of ${before}`);
  });

  for (const [theme, kind, name] of THEMES) {
    it(`can be read with a trend and targets in the theme ${theme}`, async () => {
      await user.theme(theme);
      await user.themeKind(kind).waitFor({ timeout: 30_000 });
      await panel().locator('.head').evaluate(head => { head.scrollIntoView({ block: 'start' }); });
      await user.screenshot(`13-target-${name}`);
      await panel().locator('#trend').evaluate(heading => { heading.scrollIntoView({ block: 'start' }); });
      await user.screenshot(`14-trend-${name}`);
      assert.deepEqual(await barriers(user), []);
    });
  }
});

describe('the scorecard page in a bad hour', () => {
  let user: User;
  const panel = () => user.panel();

  before(async () => {
    user = await User.arrive(SAMPLE);
    await user.page.locator('.activitybar a[aria-label^="CI Hardening"]').waitFor({ timeout: 30_000 });
    await user.command('CI Hardening: Open Scorecard');
    await panel().locator('.overall .value').waitFor({ timeout: 30_000 });
  });
  after(async () => { await user?.leave(); });
  afterEach(async function () { if (this.currentTest?.state === 'failed') await user?.screenshot(`failed ${this.currentTest.title}`.replaceAll(/\W+/g, '-')); });

  it('says where a target is written, and leads there', async () => {
    await panel().getByRole('button', { name: 'Open Configuration' }).focus();
    await user.page.keyboard.press('Enter');
    await user.page.locator('.tab.active', { hasText: 'ci-hardening.yml' }).waitFor();
    await user.command('CI Hardening: Open Scorecard');
  });

  it('says why there is no history', async () => {
    const show = panel().getByRole('button', { name: 'Show History' });
    await show.focus();
    await user.page.keyboard.press('Enter');
    await panel().locator('.trend', { hasText: 'This folder is not the root of a git repository, so it has no history.' }).waitFor();
    await show.waitFor({ state: 'detached' });
  });

  it('says that the server has gone, and starts it again', async () => {
    const restart = panel().getByRole('button', { name: 'Restart Server' });
    // A server that crashes is started again a few times before it is given up.
    for (let crashes = 0; crashes < 10 && await restart.count() === 0; crashes++) {
      await panel().locator('main[aria-busy="false"]').waitFor();
      user.workbench.crash(/dist\/server\.js --node-ipc/);
      await panel().locator('main[aria-busy="true"], .notice button').first().waitFor();
      await panel().locator('main[aria-busy="false"]').waitFor();
    }
    await user.page.locator('.notification-list-item', { hasText: 'crashed 5 times' }).waitFor();
    for (const [theme, kind, name] of THEMES) {
      await user.theme(theme);
      await user.themeKind(kind).waitFor({ timeout: 30_000 });
      await user.screenshot(`17-error-${name}`);
      assert.deepEqual(await barriers(user), []);
    }
    await restart.focus();
    await user.page.keyboard.press('Enter');
    await panel().locator('.overall .value').waitFor({ timeout: 30_000 });
  });
});

describe('the scorecard page with a long history', () => {
  let user: User;
  const panel = () => user.panel();

  before(async () => {
    const source = repositoryWithLongHistory();
    user = await User.arrive(source);
    rmSync(dirname(source), { recursive: true });
    // The palette lists what there is when it is opened.
    await user.page.locator('.activitybar a[aria-label^="CI Hardening"]').waitFor({ timeout: 30_000 });
  });
  after(async () => { await user?.leave(); });
  afterEach(async function () { if (this.currentTest?.state === 'failed') await user?.screenshot(`failed ${this.currentTest.title}`.replaceAll(/\W+/g, '-')); });

  it('shows how far it is, stops when told to, and keeps what was done', async () => {
    await user.command('CI Hardening: Show Score History');
    const bar = panel().getByRole('progressbar');
    await panel().locator('.progress', { hasText: /^[1-9]\d* of 4000 commits$/ }).waitFor({ timeout: 60_000 });
    await user.page.locator('.notification-list-item', { hasText: /Scoring the history of shop/ }).waitFor();
    await panel().locator('#trend').evaluate(heading => { heading.scrollIntoView({ block: 'center' }); });
    await user.screenshot('15-history-running-light');
    assert.ok(Number(await bar.getAttribute('aria-valuenow')) > 0);
    await panel().getByRole('button', { name: 'Stop' }).focus();
    await user.page.keyboard.press('Enter');
    const more = panel().getByRole('button', { name: /^Score \d+ More Commits$/ });
    await more.waitFor({ timeout: 30_000 });
    const left = Number(/\d+/.exec(await more.innerText())![0]);
    assert.ok(left > 0 && left < LONG, String(left));
    await panel().locator('summary', { hasText: `Commits (${LONG - left})` }).waitFor();
    await user.page.locator('.notification-list-item', { hasText: /Scoring the history/ }).waitFor({ state: 'detached' });
    await user.screenshot('15-history-stopped-light');
  });

  it('goes on from there, and can be cancelled at the notification', async () => {
    const more = panel().getByRole('button', { name: /^Score \d+ More Commits$/ });
    const left = Number(/\d+/.exec(await more.innerText())![0]);
    await more.focus();
    await user.page.keyboard.press('Enter');
    const notification = user.page.locator('.notification-list-item', { hasText: /Scoring the history of shop/ });
    await panel().getByRole('progressbar').waitFor();
    for (const [theme, kind, name] of THEMES) {
      await user.theme(theme);
      await user.themeKind(kind).waitFor({ timeout: 30_000 });
      await user.screenshot(`16-history-running-${name}`);
    }
    await notification.getByRole('button', { name: 'Cancel' }).click();
    await more.waitFor({ timeout: 30_000 });
    assert.ok(Number(/\d+/.exec(await more.innerText())![0]) < left);
  });
});
