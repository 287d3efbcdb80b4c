import { explainWhy, parseConfig } from '../../../rules';
import type { WhyResult } from '../../protocol';
import { worldOf, type FileContext } from './context';
import { escape } from './markdown';

const HEADINGS: readonly (readonly [WhyResult['entries'][number]['status'], string])[] = [
  ['suppressed', 'Suppressed by a comment'], ['ignored', 'Ignored by the configuration'], ['absorbed', 'Told by a stronger finding'],
  ['elsewhere', 'Left to GitHub\'s own extension'], ['off', 'Turned off'], ['profile', 'Not in this profile'], ['expired', 'Shown again: the suppression ended'],
  ['shown', 'Shown'], ['failed', 'Failed'], ['online', 'Not asked'],
];

/** Why something is, or isn't, reported at an offset. */
export function why(context: FileContext, offset: number): WhyResult {
  const { file, repository, path } = context;
  const configFile = file.config.file;
  const text = configFile === undefined ? undefined : repository.read(configFile);
  const said = text === undefined ? undefined : parseConfig(text).given.rules;
  const entries = explainWhy(file.document, offset, {
    ...worldOf(file), online: repository.online, findings: file.findings, errors: file.errors, official: repository.settings.officialExtension === true,
    offBy: rule => (said && Object.hasOwn(said, rule) ? `\`${configFile}\`` : 'the settings (`ciHardening.rules`)'),
  });
  const { line } = file.document.positionAt(offset);
  const start = file.document.lineStarts[line] ?? 0;
  const source = file.document.text.slice(start, file.document.lineStarts[line + 1] ?? file.document.text.length).trim();
  const sections = HEADINGS.flatMap(([status, heading]) => {
    const own = entries.filter(e => e.status === status);
    return own.length === 0 ? [] : [`## ${heading}\n\n${own.map(e => `- **${e.rule}**: ${e.text}`).join('\n')}`];
  });
  const silent = entries.filter(e => e.status === 'silent');
  if (silent.length > 0) sections.push(`## Looked and had nothing to say\n\n${silent.map(e => `- **${e.rule}**: ${e.text}`).join('\n')}`);
  const told = entries.some(e => e.status !== 'silent' && e.status !== 'online' && e.status !== 'failed');
  const lead = told ? [] : ['No rule finds anything in this line, suppressed or not.'];
  const problems = file.document.problems.some(p => p.code === 'syntax') ? ['Parts of the file can\'t be read as YAML: rules say nothing about those.'] : [];
  // Without a language: the preview's colours for one are made for a dark page, and pale in the light high-contrast theme.
  const head = ['# Why is this not reported?', `${escape(path)}, line ${line + 1}:`, `\`\`\`\`\n${source.replace(/`{4,}/g, '```').slice(0, 300)}\n\`\`\`\``];
  const profile = `Profile \`${file.config.config.profile}\`, configuration: ${configFile === undefined ? 'the settings alone' : `\`${configFile}\` over the settings`}.`;
  return { markdown: [...head, profile, ...lead, ...problems, ...sections].join('\n\n') + '\n', entries: entries.map(e => ({ ...e })) };
}
