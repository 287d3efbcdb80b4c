import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { User } from './user';

const SAMPLE = join(__dirname, '../../../sample');

/** Two repositories in one window, as a `.code-workspace` has them. */
describe('in a workspace of several folders', () => {
  let user: User;
  let source: string;

  before(async () => {
    source = mkdtempSync(join(tmpdir(), 'ci-hardening-source-'));
    cpSync(SAMPLE, join(source, 'shop'), { recursive: true });
    mkdirSync(join(source, 'blog/.github/workflows'), { recursive: true });
    writeFileSync(join(source, 'blog/.github/workflows/publish.yml'), readFileSync(join(SAMPLE, '.github/workflows/deploy.yml')));
    writeFileSync(join(source, 'both.code-workspace'), JSON.stringify({ folders: [{ path: 'shop' }, { path: 'blog' }] }));
    user = await User.arrive(source, 'both.code-workspace');
  });
  after(async () => {
    await user?.leave();
    rmSync(source, { recursive: true, force: true });
  });
  afterEach(async function () { if (this.currentTest?.state === 'failed') await user?.screenshot(`failed ${this.currentTest.title}`.replaceAll(/\W+/g, '-')); });

  it('has a row for each repository, and its controls below it', async () => {
    await user.openTree();
    const names = async () => (await user.rows().locator('.label-name').allInnerTexts()).sort();
    await user.row('blog').first().waitFor();
    await user.row('shop').first().waitFor();
    assert.deepEqual(await names(), ['blog', 'shop']);
    await user.row('blog').first().click();
    await user.row('Security').first().waitFor();
    assert.equal(await user.row('Security').count(), 1);
    await user.screenshot('10-multi-root');
  });

  it('keeps what is selected and unfolded when a report changes', async () => {
    await user.row('Security').first().click();
    const selected = user.page.locator('.pane-body .monaco-list-row.selected');
    await selected.filter({ hasText: 'Security' }).waitFor();
    const toDo = /(\d+) to do/.exec(await user.row(/\d+ to do/).first().innerText())![0];
    const file = join(user.folder, 'blog/.github/workflows/publish.yml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^jobs:/m, 'permissions: {}\n\njobs:').replace(/^permissions: write-all\n/m, ''));
    writeFileSync(join(user.folder, 'blog/SECURITY.md'), '# Security policy\n\nReport to security@example.com within 90 days.\n');
    await user.row(toDo).waitFor({ state: 'detached', timeout: 30_000 });
    assert.match(await selected.first().innerText(), /^Security/);
    await user.row('blog').first().waitFor();
  });
});
