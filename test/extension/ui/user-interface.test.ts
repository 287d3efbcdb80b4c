import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { barriers } from './barriers';
import { User } from './user';

const CI = '.github/workflows/ci.yml';

describe('as a user sees it', () => {
  let user: User;
  const text = () => readFileSync(join(user.folder, CI), 'utf8');

  before(async () => { user = await User.arrive(join(__dirname, '../../../sample')); });
  after(async () => { await user?.leave(); });
  afterEach(async function () { if (this.currentTest?.state === 'failed') await user?.screenshot(`failed ${this.currentTest.title}`.replaceAll(/\W+/g, '-')); });

  it('underlines what is wrong in a workflow', async () => {
    await user.openFile('ci.yml');
    await user.page.locator('.squiggly-error, .squiggly-warning').first().waitFor({ state: 'attached', timeout: 60_000 });
    await user.screenshot('1-editor-light');
  });

  it('leads from the squiggle to the documentation that it brings along', async () => {
    for (const link of ['script-injection-run', 'Documentation']) {
      await user.page.locator('.view-line', { hasText: 'pull_request.title' }).getByText('pull_request').first().hover();
      await user.page.locator('.monaco-hover a', { hasText: link }).first().click();
      const page = user.page.frameLocator('iframe.webview').frameLocator('iframe#active-frame');
      await page.getByRole('heading', { name: 'script-injection-run' }).waitFor({ timeout: 30_000 });
      await page.getByRole('heading', { name: 'Incorrect' }).waitFor();
      await user.screenshot('2-documentation-light');
      const preview = user.page.locator('.tab', { hasText: 'script-injection-run' });
      assert.equal(await preview.count(), 1, 'the page is shown once, and not as text beside it');
      await preview.getByRole('button', { name: /Close/ }).click();
      await user.page.locator('.tab.active', { hasText: 'ci.yml' }).waitFor();
    }
  });

  it('pins an action from the lightbulb by keyboard alone', async () => {
    const line = text().split('\n').findIndex(one => one.includes('actions/checkout@v4')) + 1;
    await user.goTo(line, text().split('\n')[line - 1]!.indexOf('@v4') + 2);
    await user.lightbulb('Pin actions/checkout');
    await user.page.locator('.action-widget .monaco-list-row', { hasText: 'Show documentation for unpinned-action' }).first().waitFor();
    await user.screenshot('2-lightbulb-light');
    const focused = user.page.locator('.action-widget .monaco-list-row.focused', { hasText: 'Pin actions/checkout' });
    for (let row = 0; row < 10 && await focused.count() === 0; row++) await user.page.keyboard.press('ArrowDown');
    await user.page.keyboard.press('Enter');
    await user.page.locator('.view-line', { hasText: /actions\/checkout@[0-9a-f]{40}/ }).first().waitFor();
    await user.page.keyboard.press('Control+KeyS');
    await user.page.locator('.tab.active:not(.dirty)', { hasText: 'ci.yml' }).waitFor();
    assert.match(text(), /uses: actions\/checkout@[0-9a-f]{40} # v4\./);
  });

  it('shows the scorecard in the side bar', async () => {
    await user.openTree();
    for (const category of ['Security', 'Quality', 'Reliability', 'Automation', 'Developer Experience', 'Organisation']) await user.row(category).first().waitFor();
    await user.row('Security').first().click();
    await user.row('Secret').first().waitFor();
    await user.screenshot('3-tree-light');
  });

  it('adds a practice from a row of the tree, after a look at the change', async () => {
    const row = user.rows().filter({ has: user.page.locator('[aria-label^="Add"]') }).filter({ hasText: /secret/i }).first();
    await row.scrollIntoViewIfNeeded();
    await row.hover();
    await row.locator('a.action-label[aria-label^="Add"]').click();
    const preview = user.page.locator('.bulk-edit-panel');
    await preview.locator('.monaco-list-row').first().waitFor({ timeout: 30_000 });
    await user.screenshot('4-preview-light');
    assert.equal(/gitleaks/.test(text()), false, 'nothing is written before it is confirmed');
    await preview.getByRole('button', { name: 'Apply' }).click();
    await user.page.locator('.view-line', { hasText: 'secret-scan:' }).waitFor();
    await user.screenshot('4-added-light');
    await user.page.keyboard.press('Control+KeyS');
    await user.page.locator('.tab.active:not(.dirty)', { hasText: 'ci.yml' }).waitFor();
    assert.match(text(), /gitleaks/);
    await user.page.locator('.notifications-toasts .codicon-notifications-clear').first().click();
  });

  it('shows the scorecard as a page', async () => {
    await user.command('CI Hardening: Open Scorecard');
    const panel = user.panel();
    await panel.locator('.overall .value').waitFor({ timeout: 30_000 });
    assert.match(await panel.locator('.overall .value').innerText(), /^\d+$/);
    assert.equal(await panel.getByRole('meter').count(), 7);
    assert.deepEqual(await panel.locator('section h2').allInnerTexts(), ['Categories', 'Next best actions', 'Trend', 'Pipelines', 'Controls']);
    assert.ok(await panel.locator('.actions li').count() > 0);
    await user.screenshot('5-page-light');
  });

  it('can be used by keyboard alone', async () => {
    const panel = user.panel();
    const toggle = panel.locator('button.disclosure').first();
    await toggle.focus();
    assert.equal(await toggle.getAttribute('aria-expanded'), 'false');
    await user.page.keyboard.press('Enter');
    assert.equal(await toggle.getAttribute('aria-expanded'), 'true');
    const details = panel.locator(`[id="${await toggle.getAttribute('aria-controls')}"]`);
    await details.waitFor();
    await user.page.keyboard.press('Tab');
    assert.equal(await details.locator(':focus').count(), 1, 'the next stop is in what was unfolded');
    await toggle.focus();
    await user.page.keyboard.press('Space');
    await details.waitFor({ state: 'hidden' });
  });

  it('shows the jobs of each workflow by stage, and leads to them', async () => {
    const panel = user.panel();
    // The first is unfolded from the start.
    assert.deepEqual(await panel.locator('.pipeline').evaluateAll(nodes => nodes.map(node => node.hasAttribute('open'))), [true, false, false]);
    await panel.locator('.pipeline summary').last().focus();
    await user.page.keyboard.press('Enter');
    const stages = panel.locator('.pipeline').last().locator('.stages > li');
    await stages.last().waitFor();
    assert.deepEqual([await stages.first().innerText(), await stages.nth(1).innerText()].map(text => /^.+/.exec(text)![0]), ['Started by', 'Stage 1']);
    const job = stages.nth(1).locator('.job button').first();
    const id = await job.innerText();
    await job.focus();
    await user.page.keyboard.press('Enter');
    await user.page.locator('.view-line', { hasText: `${id}:` }).first().waitFor();
    await user.command('CI Hardening: Open Scorecard');
    await panel.locator('.pipeline[open]').nth(1).waitFor();
  });

  it('leads from the page to the place in the file', async () => {
    const panel = user.panel();
    await panel.getByRole('searchbox').fill('pinned');
    await panel.locator('button.disclosure').first().click();
    const place = panel.locator('tr.details:not([hidden]) button.link').filter({ hasText: '.yml:' }).first();
    const name = (await place.innerText()).split('/').at(-1)!.split(':')[0]!;
    await place.click();
    await user.page.locator('.tab.active', { hasText: name }).waitFor();
    await user.command('CI Hardening: Open Scorecard');
    await panel.locator('.overall .value').waitFor();
    assert.equal(await panel.getByRole('searchbox').inputValue(), 'pinned', 'what was looked for is still there');
    await panel.getByRole('searchbox').fill('');
  });

  for (const [theme, kind, name] of [
    ['Dark Modern', 'vs-dark', 'dark'], ['Default High Contrast', 'hc-black', 'high-contrast-dark'],
    ['Default High Contrast Light', 'hc-light', 'high-contrast-light'], ['Light Modern', 'vs', 'light'],
  ] as const) {
    it(`can be read in the theme ${theme}`, async () => {
      await user.theme(theme);
      await user.themeKind(kind).waitFor({ timeout: 30_000 });
      const panel = user.panel();
      await panel.locator('.overall .value').waitFor();
      const colours = await panel.locator('.overall .value').evaluate(element => {
        const page = element.ownerDocument;
        return [element, page.body].map(one => page.defaultView!.getComputedStyle(one)).map(style => ({ text: style.color, back: style.backgroundColor }));
      });
      const ratio = contrast(colours[0]!.text, colours[1]!.back);
      assert.ok(ratio >= 4.5, `contrast ${ratio.toFixed(2)}`);
      await user.screenshot(`6-page-${name}`);
      assert.deepEqual(await barriers(user), []);
      await panel.locator('#controls').scrollIntoViewIfNeeded();
      await panel.locator('button.disclosure').first().click();
      await panel.locator('#controls').evaluate(heading => { heading.scrollIntoView({ block: 'start' }); });
      await user.screenshot(`7-controls-${name}`);
      await panel.locator('button.disclosure').first().click();
      await panel.locator('.head').evaluate(head => { head.scrollIntoView({ block: 'start' }); });
    });
  }
});

describe('in a repository without workflows', () => {
  let user: User;

  before(async () => { user = await User.arrive(join(__dirname, 'empty')); });
  after(async () => { await user?.leave(); });
  afterEach(async function () { if (this.currentTest?.state === 'failed') await user?.screenshot(`failed ${this.currentTest.title}`.replaceAll(/\W+/g, '-')); });

  it('is not even active where nothing is CI\'s', async () => {
    await user.command('Developer: Show Running Extensions');
    const rows = user.page.locator('.runtime-extensions-editor .monaco-list-row');
    // Git starts when the window has: whatever looks into the folder at the start has looked by then.
    const git = rows.filter({ hasText: 'vscode.git' }).or(rows.filter({ hasText: /^Git/ })).first();
    await git.waitFor({ timeout: 30_000 });
    assert.equal(await rows.filter({ hasText: 'CI Hardening' }).count(), 0);
    assert.deepEqual(user.processes(/dist\/server\.js --node-ipc/), []);
    await user.page.keyboard.press('Control+KeyW');
  });

  it('starts nothing for YAML that is none of CI', async () => {
    const server = /dist\/server\.js --node-ipc/;
    writeFileSync(join(user.folder, 'values.yml'), 'replicas: 2\n');
    await user.openFile('values.yml');
    // By then the extension has been activated, and has looked for CI files.
    await user.command('Developer: Show Running Extensions');
    const row = user.page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'CI Hardening' });
    await row.waitFor({ timeout: 30_000 });
    const activation = (await row.locator('.activation-time').innerText()).trim();
    assert.match(activation, /Activation: \d+ ?ms/);
    console.log(`      ${activation}`);
    assert.deepEqual(user.processes(server), []);
    await user.page.keyboard.press('Escape');
    await row.waitFor({ state: 'detached' });
  });

  it('says that it looks, for as long as it does', async () => {
    const server = /dist\/server\.js --node-ipc/;
    await user.openView();
    // The first look is what starts it; a large repository would keep it busy.
    for (let tries = 0; tries < 500 && user.processes(server).length === 0; tries++) await user.page.evaluate('0');
    user.workbench.crash(server, 'SIGSTOP');
    try {
      await user.page.locator('.welcome-view-content', { hasText: 'Scanning workflows' }).waitFor();
      await user.screenshot('8-scanning-light');
    } finally {
      user.workbench.crash(server, 'SIGCONT');
    }
    await user.page.locator('.welcome-view-content', { hasText: 'There are no GitHub Actions workflows' }).waitFor();
  });

  it('offers to create one, and it is hardened from the start', async () => {
    const button = user.page.locator('.welcome-view-content a.monaco-button', { hasText: 'Create Hardened Workflow' });
    if (!await button.isVisible()) await user.openView();
    await button.waitFor();
    await user.screenshot('8-welcome-light');
    await button.click();
    await user.page.locator('.bulk-edit-panel').getByRole('button', { name: 'Apply' }).click();
    await user.row('Security').first().waitFor();
    const workflow = readFileSync(join(user.folder, CI), 'utf8');
    assert.match(workflow, /^permissions:/m);
    assert.match(workflow, /timeout-minutes: \d+/);
    assert.match(workflow, /uses: [\w./-]+@[0-9a-f]{40} # v/);
    await user.screenshot('8-created-light');
    assert.equal(user.processes(/dist\/server\.js --node-ipc/).length, 1);
  });
});

/** Contrast of two colours, `rgb(…)`, as WCAG counts it. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map(value => {
    const channel = Number(value) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
