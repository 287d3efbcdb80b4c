import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { installExtension, Workbench } from '../host/workbench';
import { copyOf } from '../workspace';

const ROOT = join(__dirname, '../../..');
export const SCREENSHOTS = join(ROOT, 'out/screenshots');

/** A person at a workbench with the packed extension installed, on a copy of a folder. Everything goes through mouse, keyboard and eyes. */
export class User {
  private constructor(readonly workbench: Workbench, readonly page: Page, readonly folder: string, private readonly home: string) {}

  /** @param open what is opened of the copied folder: itself, or a `.code-workspace` in it. */
  static async arrive(source: string, open = ''): Promise<User> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    const home = mkdtempSync(join(tmpdir(), 'ci-hardening-user-'));
    installExtension(join(ROOT, 'ci-hardening.vsix'), home);
    const folder = copyOf(source, 'shop');
    const workbench = await Workbench.start({ home, settings: { 'workbench.colorTheme': 'Light Modern' } });
    const page = await workbench.openPage({ width: 1360, height: 900 });
    page.setDefaultTimeout(20_000);
    const user = new User(workbench, page, folder, home);
    await page.goto(workbench.address(join(folder, open)), { timeout: 120_000 });
    await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 60_000 });
    return user;
  }

  /** As above, with the extension from the checkout in the extension host that is a worker of the browser. */
  static async arriveInBrowserHost(source: string): Promise<User> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    const home = mkdtempSync(join(tmpdir(), 'ci-hardening-user-'));
    const folder = copyOf(source, 'shop');
    // The workbench has a server; without this it would run the extension there.
    const settings = { 'workbench.colorTheme': 'Light Modern', 'remote.extensionKind': { 'ci-hardening.ci-hardening': ['web'] } };
    const workbench = await Workbench.start({ home, testMode: true, settings });
    const page = await workbench.openPage({ width: 1360, height: 900 });
    page.setDefaultTimeout(20_000);
    const user = new User(workbench, page, folder, home);
    await page.goto(workbench.address(folder, [['extensionDevelopmentPath', workbench.remoteUri(ROOT)], ['extensionDevelopmentKind', 'web']]), { timeout: 120_000 });
    await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 60_000 });
    return user;
  }

  /** Processes on this workbench's account whose command line fits. */
  processes(pattern: RegExp): string[] {
    return this.workbench.processes().filter(line => pattern.test(line));
  }

  async leave(): Promise<void> {
    await this.workbench.stop();
    rmSync(dirname(this.folder), { recursive: true, force: true });
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  /** Opens a file by name, as Ctrl+P does. */
  async openFile(name: string): Promise<void> {
    await (await this.#quickInput('Control+KeyP')).fill(name);
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: name.split('/').at(-1) ?? name }).first();
    await row.waitFor();
    await this.page.keyboard.press('Enter');
    await this.page.locator('.tab.active', { hasText: name.split('/').at(-1) ?? name }).waitFor();
    await this.page.locator('.editor-instance .view-line').first().waitFor();
  }

  /** What a key opens. Where the window is busy and loses the key, it is pressed again, as anybody would. */
  async #quickInput(key: string): Promise<Locator> {
    const input = this.page.locator('.quick-input-widget input').first();
    for (let tries = 0; tries < 3; tries++) {
      await this.page.keyboard.press(key);
      if (await input.waitFor({ timeout: 5_000 }).then(() => true, () => false)) return input;
    }
    await input.waitFor();
    return input;
  }

  /** Opens the menu of the lightbulb with `entry` in it. New problems close it while it opens, as they come one after the other: then it is opened again. */
  async lightbulb(entry: string): Promise<Locator> {
    const row = this.page.locator('.action-widget .monaco-list-row', { hasText: entry }).first();
    for (let tries = 0; tries < 4; tries++) {
      await this.page.keyboard.press('Control+Period');
      if (await row.waitFor({ timeout: 8_000 }).then(() => true, () => false)) return row;
      await this.page.keyboard.press('Escape');
    }
    await row.waitFor();
    return row;
  }

  /** Runs a command from the palette. */
  async command(title: string): Promise<void> {
    await (await this.#quickInput('F1')).fill(`>${title}`);
    await this.page.locator(`.quick-input-list .monaco-list-row[aria-label^="${title}"]`).first().click();
  }

  /** Puts the caret into a line (from 1) and column. */
  async goTo(line: number, column = 1): Promise<void> {
    await (await this.#quickInput('Control+KeyG')).fill(`:${line}:${column}`);
    await this.page.keyboard.press('Enter');
  }

  /** The extension's view in the side bar, whatever it shows. */
  async openView(): Promise<void> {
    await this.page.locator('.activitybar .action-item', { has: this.page.locator('a[aria-label^="CI Hardening"]') }).click();
  }

  /** The view, with a report in it. */
  async openTree(): Promise<void> {
    await this.openView();
    await this.rows().first().waitFor({ timeout: 60_000 });
  }

  rows(): Locator {
    return this.page.locator('.pane-body .monaco-list-row');
  }

  row(text: string | RegExp): Locator {
    return this.rows().filter({ hasText: text });
  }

  /** The scorecard page: the inner of the two frames that a webview is made of. */
  panel(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  }

  /** Chooses a colour theme, as from the palette. */
  async theme(name: string): Promise<void> {
    await this.command('Preferences: Color Theme');
    await this.page.locator('.quick-input-widget input').fill(name);
    await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: name }).waitFor();
    await this.page.keyboard.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /** What the workbench calls the kind of the theme in use: `vs`, `vs-dark`, `hc-black`, `hc-light`. */
  themeKind(kind: string): Locator {
    return this.page.locator(`.monaco-workbench.${kind}`);
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }
}
