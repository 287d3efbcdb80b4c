import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PRACTICES, RULES } from '../rules';

/** Where the reference pages are published; `scripts/build.mjs` also puts their text beside the bundles. */
export const DOCS_BASE = 'https://github.com/ci-hardening/ci-hardening/blob/main/docs';

/** Address of the page of a rule or a practice. */
export function docsUrl(id: string): string {
  return `${DOCS_BASE}/${PRACTICES.some(p => p.id === id) ? 'practices' : 'rules'}/${id}.md`;
}

let pages: Readonly<Record<string, string>> | undefined;

/**
 * The documentation of a rule or practice as Markdown, or undefined for an unknown id. Falls back to what the definition itself
 * says where there is no page.
 */
export function explain(id: string): string | undefined {
  const rule = RULES.find(r => r.id === id);
  const practice = rule ? undefined : PRACTICES.find(p => p.id === id);
  if (!rule && !practice) return undefined;
  const page = loadPages()[id];
  const facts = rule
    ? `*${rule.category} · ${rule.severity} · ${rule.profile} profile · ${rule.fix === 'none' ? 'no quick-fix' : `${rule.fix} quick-fix`}*`
    : `*${practice!.category} · level ${practice!.level} · ${practice!.severity}${practice!.scaffold ? ' · can be added' : ''}*`;
  const { docs } = (rule ?? practice)!;
  const references = docs.references.length > 0 ? `\n\n## References\n\n${docs.references.map(r => `- <${r}>`).join('\n')}` : '';
  if (page) {
    const [title, ...rest] = page.trim().split('\n');
    return `${title}\n\n${facts}\n${rest.join('\n')}${page.includes('\n## References') ? '' : references}\n`;
  }
  return `# ${practice ? practice.title : id}\n\n${facts}\n\n${docs.summary}\n\n${docs.why}${references}\n`;
}

function loadPages(): Readonly<Record<string, string>> {
  if (pages) return pages;
  try {
    return pages = JSON.parse(readFileSync(join(__dirname, 'docs.json'), 'utf8')) as Record<string, string>;
  } catch {
    // Not bundled: the pages stand beside the rules and practices that they are about.
    return pages = readPages(join(dirname(__dirname), 'rules'));
  }
}

function readPages(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const part of ['checks', 'practices']) {
    let files: string[];
    try {
      files = readdirSync(join(folder, part), { recursive: true }) as string[];
    } catch {
      continue;
    }
    for (const file of files) {
      const id = /([^/\\]+)\.md$/.exec(file)?.[1];
      if (id && id !== 'README') found[id] = readFileSync(join(folder, part, file), 'utf8');
    }
  }
  return found;
}
