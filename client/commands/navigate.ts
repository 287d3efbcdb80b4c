import * as vscode from 'vscode';
import type { ScorecardEvidence } from '../../server/protocol';

/** Opens the file of an evidence with its range selected. */
export async function reveal(evidence: ScorecardEvidence): Promise<void> {
  if (!evidence.uri) return;
  const { range } = evidence;
  const uri = vscode.Uri.parse(evidence.uri);
  if (!range) {
    // A file whose being there is the evidence may be no text at all.
    await vscode.commands.executeCommand('vscode.open', uri);
    return;
  }
  const selection = new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character);
  await vscode.window.showTextDocument(uri, { selection });
}
