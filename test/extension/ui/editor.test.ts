import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { User } from './user';

const CI = '.github/workflows/ci.yml';
const CONFIG = '.github/ci-hardening.yml';

describe('help in the editor, as a user sees it', () => {
  let user: User;
  const text = (file = CI) => readFileSync(join(user.folder, file), 'utf8');
  const lineOf = (part: string): number => text().split('\n').findIndex(line => line.includes(part)) + 1;
  const menu = () => user.page.locator('.action-widget .monaco-list-row');

  before(async () => { user = await User.arrive(join(__dirname, '../../../sample')); });
  after(async () => { await user?.leave(); });
  afterEach(async function () { if (this.currentTest?.state === 'failed') await user?.screenshot(`failed ${this.currentTest.title}`.replaceAll(/\W+/g, '-')); });

  it('opens the lightbulb with what repairs first, and what silences behind it', async () => {
    await user.openFile('ci.yml');
    await user.page.locator('.squiggly-error, .squiggly-warning').first().waitFor({ state: 'attached', timeout: 60_000 });
    const line = lineOf('actions/checkout@v4');
    await user.goTo(line, text().split('\n')[line - 1]!.indexOf('@v4') + 2);
    await user.lightbulb('Show documentation for unpinned-action');
    const titles = (await menu().allInnerTexts()).map(title => title.trim());
    const at = (part: string): number => titles.findIndex(title => title.includes(part));
    const order = ['Pin actions/checkout', 'Fix everything safe', 'Ignore unpinned-action for this line', 'Turn off unpinned-action', 'Change severity of unpinned-action', 'Show documentation for unpinned-action'].map(at);
    assert.deepEqual(order, [...order].sort((a, b) => a - b), titles.join('\n'));
    assert.ok(order.every(index => index >= 0), titles.join('\n'));
    await user.screenshot('9-lightbulb-light');
  });

  it('changes the severity of a rule by keyboard alone', async () => {
    const entry = 'Change severity of unpinned-action', title = user.page.locator('.quick-input-title', { hasText: 'Severity of unpinned-action' });
    const focused = () => user.page.locator('.action-widget .monaco-list-row.focused', { hasText: entry });
    const row = user.page.locator('.action-widget .monaco-list-row.focused').first();
    for (let tries = 0; tries < 3 && await title.count() === 0; tries++) {
      await user.page.keyboard.press('Escape');
      await user.lightbulb(entry);
      for (let i = 0; i < 25 && await focused().count() === 0; i++) {
        // A second key before the first has moved the focus would leave the entry behind.
        const before = await row.textContent({ timeout: 1_000 }).catch(() => null);
        await user.page.keyboard.press('ArrowDown');
        if (before) await row.filter({ hasNotText: before }).waitFor({ timeout: 2_000 }).catch(() => undefined);
      }
      // A list that is filled anew in this moment loses the key.
      if (await focused().count() > 0) await user.page.keyboard.press('Enter');
      await title.waitFor({ timeout: 5_000 }).catch(() => undefined);
    }
    await title.waitFor();
    await user.screenshot('9-severity-light');
    await user.page.locator('.quick-input-widget input').fill('info');
    await user.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Info: shown as a hint' }).waitFor();
    await user.page.keyboard.press('Enter');
    await user.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    const file = user.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'ci-hardening.yml' });
    await file.waitFor();
    await file.dblclick();
    await user.page.locator('.tab.active', { hasText: 'ci-hardening.yml' }).waitFor();
    await user.page.locator('.view-line', { hasText: 'unpinned-action' }).first().waitFor();
    assert.ok(existsSync(join(user.folder, CONFIG)));
    assert.match(text(CONFIG), /^rules:\n(?: .*\n)*? {2}unpinned-action: info$/m);
    await user.screenshot('9-configuration-light');
  });

  it('tells by a hover who can start the workflow', async () => {
    await user.page.locator('.tab', { hasText: 'ci.yml' }).click();
    await user.page.locator('.tab.active', { hasText: 'ci.yml' }).waitFor();
    const trigger = text().split('\n').findIndex(line => /^ {2}pull_request(?:_target)?:/.test(line)) + 1;
    assert.ok(trigger > 0, 'the sample is started by pull requests');
    await user.goTo(trigger, 6);
    await user.page.keyboard.press('Control+KeyK');
    await user.page.keyboard.press('Control+KeyI');
    await user.page.locator('.monaco-hover', { hasText: 'Outsiders can start this' }).first().waitFor();
    await user.screenshot('9-hover-light');
    await user.page.keyboard.press('Escape');
  });

  it('says on a page why something is not reported', async () => {
    await user.goTo(lineOf('actions/checkout@v4'), 12);
    await user.command('CI Hardening: Why Is This Not Reported?');
    const page = user.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
    await page.getByRole('heading', { name: 'Why is this not reported?' }).waitFor({ timeout: 30_000 });
    await page.getByRole('heading', { name: 'Looked and had nothing to say' }).waitFor();
    for (const [theme, kind, name] of [['Dark Modern', 'vs-dark', 'dark'], ['Default High Contrast', 'hc-black', 'high-contrast'], ['Light Modern', 'vs', 'light']] as const) {
      await user.theme(theme);
      await user.themeKind(kind).waitFor();
      await user.screenshot(`9-why-${name}`);
    }
    await user.page.keyboard.press('Control+KeyW');
  });

  it('has a walkthrough, each step with something to do', async () => {
    await user.theme('Dark Modern');
    await user.themeKind('vs-dark').waitFor();
    await user.command('Welcome: Open Walkthrough...');
    await user.page.locator('.quick-input-widget input').fill('Harden Your Pipelines');
    await user.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Harden Your Pipelines' }).first().click();
    const steps = user.page.locator('.gettingStartedContainer .step-list-container .getting-started-step');
    await steps.first().waitFor({ timeout: 30_000 });
    assert.equal(await steps.count(), 4);
    for (let index = 0; index < 4; index++) {
      await steps.nth(index).click();
      await steps.nth(index).locator('.monaco-button').first().waitFor();
      await user.screenshot(`9-walkthrough-${index + 1}-dark`);
    }
  });

  it('asks for a folder where none is open', async () => {
    const { page, workbench } = user;
    const address = new URL(workbench.address(user.folder));
    address.searchParams.delete('folder');
    address.searchParams.set('ew', 'true');
    await page.goto(address.href);
    await page.locator('.activitybar .action-item a[aria-label^="CI Hardening"]').waitFor({ timeout: 60_000 });
    await user.openView();
    const welcome = page.locator('.welcome-view-content', { hasText: 'Open a folder to see how well its pipelines are hardened.' });
    await welcome.waitFor();
    await welcome.locator('a.monaco-button', { hasText: 'Open Folder' }).waitFor();
    await user.screenshot('9-no-folder-light');
  });
});
