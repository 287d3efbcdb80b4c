import { PRACTICES, RULES } from '../rules';

/** Where the reference pages are published; `scripts/build.mjs` also puts their text beside the bundles. */
export const DOCS_BASE = 'https://github.com/ci-hardening/ci-hardening/blob/main/docs';

/** Address of the page of a rule or a practice. */
export function docsUrl(id: string): string {
  return `${DOCS_BASE}/${PRACTICES.some(p => p.id === id) ? 'practices' : 'rules'}/${id}.md`;
}

/** The pages of rules and practices by id, as `scripts/build.mjs` gathers them. */
export type Pages = Readonly<Record<string, string>>;

/**
 * The documentation of a rule or practice as Markdown, or undefined for an unknown id. Falls back to what the definition itself
 * says where there is no page.
 */
export function explain(id: string, pages: Pages): string | undefined {
  const rule = RULES.find(r => r.id === id);
  const practice = rule ? undefined : PRACTICES.find(p => p.id === id);
  if (!rule && !practice) return undefined;
  const page = Object.hasOwn(pages, id) ? pages[id] : undefined;
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
