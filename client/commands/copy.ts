import * as vscode from 'vscode';
import { categoryLabel, controlTitle, intervalLabel, isFailing, levelLabel, resultLabel } from '../views/labels';
import { childNodes, type ScorecardNode } from '../views/nodes';
import type { TreeOptions } from '../views/filter';
import { placeLabel, treeItem } from '../views/tree-items';

/** A row of the tree as one line of text. */
export function rowText(node: ScorecardNode): string {
  if (node.kind === 'evidence') return evidenceText(node);
  const { label, description } = treeItem(node);
  return typeof description === 'string' && description !== '' ? `${String(label)}: ${description}` : String(label);
}

/** A row and what the filter lets through below it, as Markdown for an issue or a pull request. */
export function rowMarkdown(node: ScorecardNode, options: TreeOptions): string {
  const below = (indent = '') => childNodes(node, options).map(child => indent + rowMarkdown(child, options));
  switch (node.kind) {
    case 'repository': return [`## ${markdown(rowText(node))}`, '', ...below()].join('\n');
    case 'summary': return `**${markdown(rowText(node))}**\n`;
    case 'category': {
      const { name, applicable, interval, level } = node.category;
      const standing = applicable ? `${intervalLabel(interval)} · ${levelLabel(level)}` : vscode.l10n.t('does not apply');
      return [`### ${categoryLabel(name)}: ${standing}`, '', ...below(), ''].join('\n');
    }
    case 'control': {
      const { control } = node;
      const done = isFailing(control) ? ' ' : 'x';
      const title = `- [${done}] **${markdown(controlTitle(control))}** (\`${control.id}\`): ${resultLabel(control)}, ${vscode.l10n.t('level {0}', control.level)}`;
      return [title, ...below('  ')].join('\n');
    }
    case 'evidence': return `- ${markdown(evidenceText(node))}`;
    case 'looked-for': return `- ${markdown(vscode.l10n.t('Looked for: {0}', node.text))}`;
  }
}

function evidenceText({ evidence }: Extract<ScorecardNode, { kind: 'evidence' }>): string {
  return evidence.uri ? `${placeLabel(vscode.Uri.parse(evidence.uri), evidence.range?.start.line)}: ${evidence.text}` : evidence.text;
}

/** What could mean something else in Markdown is escaped; code between backticks stays. */
function markdown(text: string): string {
  return text.replace(/\s+/g, ' ').split(/(`[^`]*`)/).map((part, at) => (at % 2 === 1 ? part : part.replace(/[\\<>[\]*_|#]/g, '\\$&'))).join('');
}
