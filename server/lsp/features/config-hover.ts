import { MarkupKind, type Hover } from 'vscode-languageserver';
import { configSchema, PRACTICES, RULES } from '../../../rules';
import { toRange, type LinedText } from '../positions';
import { docsLink, type ClientAbilities } from './context';

const WORD = /[\w-]/;

/** What a key or a rule's id in the configuration file means. */
export function configHover(text: LinedText, offset: number, client: ClientAbilities): Hover | null {
  const source = text.text;
  let start = offset, end = offset;
  while (start > 0 && WORD.test(source[start - 1]!)) start--;
  while (end < source.length && WORD.test(source[end]!)) end++;
  const word = source.slice(start, end);
  const lineStart = Math.max(source.lastIndexOf('\n', start - 1), source.lastIndexOf('\r', start - 1)) + 1;
  if (word === '' || /(?:^|\s)#/.test(source.slice(lineStart, start))) return null;
  const value = about(word, start === lineStart, client);
  return value === undefined ? null : { contents: { kind: MarkupKind.Markdown, value }, range: toRange(text, { start, end }, client.encoding) };
}

function about(word: string, top: boolean, client: ClientAbilities): string | undefined {
  const known = RULES.find(r => r.id === word) ?? PRACTICES.find(p => p.id === word);
  if (known) return [`**${word}** · ${known.severity}${'profile' in known ? ` · profile ${known.profile}` : ''}`, known.docs.summary, known.docs.why, `[Documentation](${docsLink(client, word, 'hover')})`].join('\n\n');
  const { properties } = configSchema() as { properties: Readonly<Record<string, { description?: string }>> };
  const description = top && Object.hasOwn(properties, word) ? properties[word]?.description : undefined;
  return description === undefined ? undefined : `**${word}**\n\n${description}`;
}
