import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { User } from './user';

const CI = '.github/workflows/ci.yml';

describe('hardening a repository, as a user does it', () => {
  let user: User;
  const text = (path = CI) => readFileSync(join(user.folder, path), 'utf8');

  before(async () => { user = await User.arrive(join(__dirname, '../../../sample')); });
  after(async () => { await user?.leave(); });
  afterEach(async function () { if (this.currentTest?.state === 'failed') await user?.screenshot(`failed ${this.currentTest.title}`.replaceAll(/\W+/g, '-')); });

  const row = (label: string | RegExp) => user.page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first();

  it('goes from the page to a level, by keyboard, after a look at the changes', async () => {
    await user.openTree();
    await user.command('CI Hardening: Open Scorecard');
    const button = user.panel().getByRole('button', { name: 'Harden This Repository…' });
    await button.waitFor({ timeout: 30_000 });
    await user.screenshot('9-harden-button-light');
    await button.focus();
    await user.page.keyboard.press('Enter');
    await row('Level 2: Guarded').waitFor({ timeout: 30_000 });
    await user.screenshot('9-harden-levels-light');
    await user.page.keyboard.type('Level 3');
    await user.page.keyboard.press('Enter');
    await row('Safe fixes only').waitFor();
    await user.screenshot('9-harden-fixes-light');
    await user.page.keyboard.press('Enter');
    const preview = user.page.locator('.bulk-edit-panel');
    await preview.locator('.monaco-list-row').first().waitFor({ timeout: 60_000 });
    await user.screenshot('9-harden-preview-light');
    assert.equal(existsSync(join(user.folder, 'SECURITY.md')), false, 'nothing is written before it is confirmed');
    const before = text();
    await preview.getByRole('button', { name: 'Apply' }).click();
    const show = user.page.locator('.notifications-toasts a.monaco-button', { hasText: 'Show What Is Left' });
    await show.waitFor({ timeout: 30_000 });
    await user.screenshot('9-harden-done-light');
    assert.ok(existsSync(join(user.folder, 'SECURITY.md')));
    assert.match(text(), /gitleaks/);
    for (const comment of before.match(/#.*$/gm) ?? []) assert.ok(text().includes(comment) || comment.startsWith('# v'), comment);
    await show.click();
    await user.page.locator('.view-line', { hasText: 'Left to do for what was added' }).first().waitFor();
    await user.screenshot('9-harden-left-light');
  });

  it('lets practices be chosen by what they are worth', async () => {
    await user.command('CI Hardening: Harden This Repository…');
    await row('Choose practices').waitFor({ timeout: 30_000 });
    await user.page.keyboard.type('Choose');
    await user.page.keyboard.press('Enter');
    await row('points').waitFor();
    await user.screenshot('9-harden-practices-light');
    await user.page.keyboard.press('Escape');
    await user.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  });
});
