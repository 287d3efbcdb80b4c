/** Mermaid in a real browser: what it makes of a diagram, or what it says against it. */
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { findChromium } from '../../extension/host/chromium';

export interface Rendered { readonly error?: string; /** Texts of all labels, in no order that counts. */ readonly labels: readonly string[]; /** Elements that no diagram has. */ readonly foreign: readonly string[] }

export const browserPath = findChromium();
/** The title of a test says so where it can't run. */
export const browserTitle = (title: string) => (browserPath ? title : `${title} (skipped: no Chromium on this machine)`);

export class MermaidPage {
  private constructor(private readonly browser: Browser, readonly page: Page) {}

  static async open(): Promise<MermaidPage> {
    const browser = await chromium.launch({ executablePath: browserPath!, args: ['--no-sandbox'] });
    const page = await browser.newPage();
    await page.setContent('<!doctype html><title>diagrams</title><body></body>');
    await page.addScriptTag({ path: join(__dirname, '../../../node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js') });
    // The limits and the security level that GitHub's own viewer keeps.
    await page.evaluate('mermaid.initialize({ startOnLoad: false, securityLevel: "strict", maxTextSize: 50000, maxEdges: 500 })');
    return new MermaidPage(browser, page);
  }

  async render(text: string): Promise<Rendered> {
    return this.page.evaluate(async (source: string): Promise<Rendered> => {
      const { mermaid } = globalThis as unknown as { mermaid: { render(id: string, text: string): Promise<{ svg: string }> } };
      const page = (globalThis as unknown as { document: PageDocument }).document;
      const holder = page.createElement('div');
      page.body.append(holder);
      try {
        holder.innerHTML = (await mermaid.render('d', source)).svg;
        const labels = [...holder.querySelectorAll('.nodeLabel, .edgeLabel')].map(e => e.innerText ?? e.textContent ?? '');
        const foreign = [...holder.querySelectorAll('script, img, a, iframe, input, h1, h2, li, em, strong, code, math')].map(e => e.tagName);
        return { labels, foreign };
      } catch (error) {
        return { error: error instanceof Error ? error.message : String(error), labels: [], foreign: [] };
      } finally {
        holder.remove();
      }
    }, text);
  }

  async close(): Promise<void> { await this.browser.close(); }
}

/** As much of the page's own types as is used: Node's compiler options know no DOM. */
interface PageElement { innerHTML: string; innerText?: string; textContent: string | null; tagName: string; append(e: PageElement): void; remove(): void; querySelectorAll(selector: string): Iterable<PageElement> }
interface PageDocument { body: PageElement; createElement(name: string): PageElement }
