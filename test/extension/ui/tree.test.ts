import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { User } from './user';

const SERVER = /dist\/server\.js --node-ipc/;

/** The scorecard's tree in the side bar, by keyboard alone once it is open. */
describe('the tree of controls', () => {
  let user: User;

  before(async () => {
    user = await User.arrive(join(__dirname, '../../../sample'));
    await user.openTree();
    await user.row('Security').first().waitFor();
  });
  after(async () => { await user?.leave(); });
  afterEach(async function () { if (this.currentTest?.state === 'failed') await user?.screenshot(`failed ${this.currentTest.title}`.replaceAll(/\W+/g, '-')); });

  const badge = (): Locator => user.page.locator('.activitybar .action-item', { has: user.page.locator('a[aria-label^="CI Hardening"]') }).locator('.badge-content:visible');
  const message = (): Locator => user.page.locator('.tree-explorer-viewlet-tree-view .message');
  const quickInput = (): Locator => user.page.locator('.quick-input-widget');
  const copied = (text: string): Promise<unknown> => user.page.waitForFunction(`navigator.clipboard.readText().then(text => text.includes(${JSON.stringify(text)}))`);
  const focused = (): Locator => user.page.locator('.pane-body .monaco-list-row.focused');

  /** Moves the focus to the row by its arrows. */
  const goTo = async (text: string | RegExp): Promise<void> => {
    await user.page.keyboard.press('Home');
    const wanted = focused().filter({ hasText: text });
    for (let i = 0; i < 60 && await wanted.count() === 0; i++) {
      const before = await focused().first().getAttribute('data-index', { timeout: 2_000 }).catch(() => null);
      await user.page.keyboard.press('ArrowDown');
      await user.page.locator(`.pane-body .monaco-list-row.focused:not([data-index="${before}"])`).waitFor({ timeout: 2_000 }).catch(() => undefined);
    }
    await wanted.waitFor();
  };

  it('counts what is to do at the icon', async () => {
    await badge().waitFor();
    const [toDo] = /\d+/.exec(await user.row(/\d+ to do/).first().innerText().then(text => /\d+ to do/.exec(text)![0]))!;
    assert.equal(await badge().innerText(), Number(toDo) > 99 ? '99+' : toDo);
  });

  it('is narrowed down to a severity, and says so', async () => {
    const all = await user.rows().count();
    await user.command('CI Hardening: Filter Controls');
    await quickInput().locator('.quick-input-title', { hasText: 'Filter Controls' }).waitFor();
    await user.screenshot('11-filter-light');
    await user.page.keyboard.type('Critical');
    await quickInput().locator('.monaco-list-row').filter({ hasText: 'Critical' }).waitFor();
    await user.page.keyboard.press('ArrowDown');
    await user.page.keyboard.press('Space');
    await user.page.keyboard.press('Enter');
    await quickInput().waitFor({ state: 'hidden' });
    await message().filter({ hasText: /^\d+ of \d+ controls: Critical$/ }).waitFor();
    assert.ok(await user.rows().count() <= all);
    await user.row('Security').first().click();
    await user.page.locator('.pane-body .monaco-list-row[aria-level="2"]').first().waitFor();
    const labels = await user.page.locator('.pane-body .monaco-list-row[aria-level="2"]').evaluateAll(rows => rows.map(row => row.getAttribute('aria-label') ?? ''));
    assert.deepEqual(labels.filter(label => !label.includes('severity critical')), []);
    await user.screenshot('11-filtered-light');
  });

  it('is still so in the next window, and one command shows everything again', async () => {
    await user.page.reload();
    await message().filter({ hasText: /^\d+ of \d+ controls: Critical$/ }).waitFor({ timeout: 60_000 });
    await user.command('CI Hardening: Clear Filter of Controls');
    await message().filter({ hasText: 'controls' }).waitFor({ state: 'hidden' });
  });

  it('copies the row that has the focus, and leaves the selection alone', async () => {
    await user.row('Security').first().click();
    await user.page.locator('.pane-body .monaco-list-row[aria-level="2"]').first().waitFor();
    await user.page.keyboard.press('ArrowLeft');
    await user.page.locator('.pane-body .monaco-list-row[aria-level="2"]').first().waitFor({ state: 'detached' });
    await goTo('Quality');
    await user.page.keyboard.press('Control+KeyC');
    await copied('Quality: ');
    const selected = user.page.locator('.pane-body .monaco-list-row.selected');
    // A list shows what has become of its selection with the next frame.
    await selected.nth(1).waitFor({ state: 'detached' });
    assert.match(await selected.innerText(), /^Security/);
  });

  it('copies a row as Markdown from its menu', async () => {
    await goTo('Quality');
    await user.page.keyboard.press('Shift+F10');
    const entry = user.page.locator('.monaco-menu .action-item', { hasText: 'Copy as Markdown' });
    await entry.waitFor();
    await user.screenshot('11-menu-light');
    for (let i = 0; i < 10 && await entry.and(user.page.locator('.focused')).count() === 0; i++) await user.page.keyboard.press('ArrowDown');
    await user.page.keyboard.press('Enter');
    await copied('### Quality: ');
    await copied('- [ ] **');
  });

  it('says that the server is gone for good, and brings it back', async () => {
    const restart = user.page.locator('.welcome-view-content a.monaco-button', { hasText: 'Restart Server' });
    // What dies again and again is not started again.
    for (let i = 0; i < 12 && await restart.count() === 0; i++) {
      user.workbench.crash(SERVER);
      await restart.waitFor({ timeout: 2_000 }).catch(() => undefined);
    }
    await restart.waitFor({ timeout: 30_000 });
    await user.page.locator('.welcome-view-content', { hasText: 'could not be started or has stopped' }).waitFor();
    await user.screenshot('11-error-light');
    assert.equal(await badge().count(), 0, 'what is to do is not known');
    await restart.click();
    await user.row('Security').first().waitFor({ timeout: 60_000 });
    assert.equal(user.processes(SERVER).length, 1);
  });
});
