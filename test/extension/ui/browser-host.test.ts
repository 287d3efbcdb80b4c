import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { User } from './user';

/** The extension in the browser's own extension host, as on vscode.dev: no Node anywhere, files through the editor alone. */
describe('as a web extension', () => {
  let user: User;
  before(async () => { user = await User.arriveInBrowserHost(join(__dirname, '../../../sample')); });
  after(async () => { await user?.leave(); });
  afterEach(async function () { if (this.currentTest?.state === 'failed') await user?.screenshot(`failed ${this.currentTest.title}`.replaceAll(/\W+/g, '-')); });

  it('underlines what is wrong, and mends it', async () => {
    await user.openFile('ci.yml');
    await user.page.locator('.squiggly-error, .squiggly-warning').first().waitFor({ state: 'attached', timeout: 60_000 });
    const text = () => readFileSync(join(user.folder, '.github/workflows/ci.yml'), 'utf8');
    const line = text().split('\n').findIndex(one => one.includes('actions/checkout@v4')) + 1;
    await user.goTo(line, text().split('\n')[line - 1]!.indexOf('@v4') + 2);
    await user.lightbulb('Pin actions/checkout');
    const focused = user.page.locator('.action-widget .monaco-list-row.focused', { hasText: 'Pin actions/checkout' });
    for (let row = 0; row < 10 && await focused.count() === 0; row++) await user.page.keyboard.press('ArrowDown');
    await user.page.keyboard.press('Enter');
    await user.page.locator('.view-line', { hasText: /actions\/checkout@[0-9a-f]{40}/ }).first().waitFor();
  });

  it('has the scorecard of the whole folder', async () => {
    await user.openTree();
    for (const category of ['Security', 'Quality', 'Reliability', 'Automation', 'Developer Experience', 'Organisation']) await user.row(category).first().waitFor();
    await user.command('CI Hardening: Open Scorecard');
    await user.panel().locator('.overall .value').waitFor({ timeout: 30_000 });
    assert.match(await user.panel().locator('.overall .value').innerText(), /^\d+$/);
    await user.screenshot('9-web-extension');
  });

  it('says that there is no git, and so no history', async () => {
    await user.panel().getByRole('button', { name: 'Show History' }).focus();
    await user.page.keyboard.press('Enter');
    await user.panel().locator('.trend', { hasText: 'The history comes from git, and there is none in a browser' }).waitFor();
  });

  it('brings its documentation along', async () => {
    await user.command('CI Hardening: Show Rule Documentation');
    await user.page.locator('.quick-input-widget input').fill('script-injection-run');
    await user.page.locator('.quick-input-list .monaco-list-row', { hasText: 'script-injection-run' }).first().waitFor();
    await user.page.keyboard.press('Enter');
    await user.page.frameLocator('iframe.webview >> nth=-1').frameLocator('iframe#active-frame').getByRole('heading', { name: 'Incorrect' }).waitFor({ timeout: 30_000 });
  });

  it('runs without a server process', () => {
    assert.deepEqual(user.processes(/dist\/server\.js/), []);
  });
});
