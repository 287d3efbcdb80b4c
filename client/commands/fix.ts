import * as vscode from 'vscode';
import type { FixWorkspaceParams, FixWorkspaceResult, ScorecardControl } from '../../server/protocol';
import type { LanguageServer } from '../server/language-server';
import { applyServerEdit } from './apply';
import { reveal } from './navigate';

/** What `ciHardening.fixWorkspace` takes; `unsafe` is asked for where it is left out. */
export interface FixArguments { rule?: string; unsafe?: boolean }

export class FixWorkspace {
  constructor(private readonly server: LanguageServer) {}

  async run(given: FixArguments = {}): Promise<void> {
    const unsafe = given.unsafe ?? await pickSafety();
    if (unsafe === undefined) return;
    await this.fix({ unsafe, ...(given.rule ? { rule: given.rule } : {}) });
  }

  /** Pins actions and reusable workflows, without the network: in the repository of the file that is looked at, or in all. Each change is confirmed. */
  async pinActions(): Promise<void> {
    const active = vscode.window.activeTextEditor?.document.uri;
    const inside = active && vscode.workspace.getWorkspaceFolder(active);
    await this.fix({ rules: ['unpinned-action', 'unpinned-reusable-workflow'], unsafe: false, confirm: true, ...(inside ? { uri: active.toString() } : {}) });
  }

  /** Shows the first place that the rule complains about, then fixes all of them: safely where that is possible. */
  async fixControl(control: ScorecardControl): Promise<void> {
    const first = control.evidence.find(evidence => evidence.uri);
    if (first) await reveal(first);
    for (const rule of control.fixRules ?? [control.id]) {
      const safe = await this.server.fixWorkspace({ rule, unsafe: false });
      if (safe.fixed > 0) await this.apply(safe);
      else await this.fix({ rule, unsafe: true });
    }
  }

  private async fix(params: FixWorkspaceParams): Promise<void> {
    const result = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Looking for fixes') },
      () => this.server.fixWorkspace(params),
    );
    await this.apply(result);
  }

  private async apply(result: FixWorkspaceResult): Promise<void> {
    if (result.edit === undefined || result.fixed === 0) {
      void vscode.window.showInformationMessage(result.remaining > 0
        ? vscode.l10n.t('Nothing can be fixed automatically. {0} findings need a look.', result.remaining)
        : vscode.l10n.t('There is nothing to fix.'));
      return;
    }
    if (!await applyServerEdit(this.server, result.edit)) return;
    const done = vscode.l10n.t('Fixed {0} findings in {1} files.', result.fixed, result.files);
    void vscode.window.showInformationMessage(result.remaining > 0 ? `${done} ${vscode.l10n.t('{0} need a look.', result.remaining)}` : done);
  }
}

async function pickSafety(): Promise<boolean | undefined> {
  const picked = await vscode.window.showQuickPick([
    { unsafe: false, label: vscode.l10n.t('Safe fixes'), detail: vscode.l10n.t('They cannot make a run that passes today fail or be cancelled.') },
    { unsafe: true, label: vscode.l10n.t('All fixes, with preview'), detail: vscode.l10n.t('Also time limits, token permissions and concurrency, which may need an adjustment.') },
  ], { title: vscode.l10n.t('Fix All in Workspace') });
  return picked?.unsafe;
}
