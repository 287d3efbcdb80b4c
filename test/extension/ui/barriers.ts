import { readFileSync } from 'node:fs';
import type { User } from './user';

/** What a checker of accessibility has against the page as it is shown, unfolded details included. */
export async function barriers(user: User): Promise<string[]> {
  const toggle = user.panel().locator('button.disclosure').first();
  const unfolds = await toggle.count() > 0;
  if (unfolds) await toggle.click();
  for (const frame of user.page.frames()) {
    if (await frame.locator('main#page').count() === 0) continue;
    await frame.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
    const found: string[] = await frame.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations, passes }) =>
      passes.length < 8 ? ['hardly anything was checked'] : violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' ' + n.failureSummary).join('; ')))`);
    if (unfolds) await toggle.click();
    return found;
  }
  throw new Error('the page is in no frame');
}
