import * as vscode from 'vscode';
import type { AddableResult, ScorecardReport } from '../../server/protocol';
import type { ReportStore } from '../report-store';
import type { LanguageServer } from '../server/language-server';
import { applyServerEdit, firstChange } from './apply';

/** What `ciHardening.addPractice` takes; what is left out is asked for. */
export interface AddArguments { root?: string; practice?: string; uri?: string }

export class AddPractice {
  constructor(private readonly server: LanguageServer, private readonly store: ReportStore) {}

  async run(given: AddArguments = {}): Promise<void> {
    const root = given.root ?? await this.pickRoot();
    if (!root) return;
    const practice = given.practice ?? await this.pickPractice(root);
    if (!practice) return;
    await this.add(root, practice, given.uri);
  }

  /** A first workflow, for a repository without one. */
  async createWorkflow(): Promise<void> {
    const root = await this.pickRoot();
    if (!root) return;
    const { practices } = await this.server.addable({ root });
    const first = ['unit-tests', 'scan-secrets'].find(id => practices.some(practice => practice.id === id)) ?? practices[0]?.id;
    if (first) await this.add(root, first);
    else void vscode.window.showInformationMessage(vscode.l10n.t('There is nothing that could be added to this repository.'));
  }

  private async add(root: string, practice: string, uri?: string): Promise<void> {
    const plan = await this.server.scaffold({ root, practice, ...(uri ? { uri } : {}) });
    if (plan.refused !== undefined || plan.edit === undefined) {
      void vscode.window.showInformationMessage(plan.refused ?? vscode.l10n.t('There is nothing to add.'));
      return;
    }
    if (!await applyServerEdit(this.server, plan.edit)) return;
    if (plan.open) await showChange(plan.open, firstChange(plan.edit, plan.open));
    if (plan.todo?.length) void this.showTodo(plan.explanation, plan.todo);
  }

  private async showTodo(explanation: string | undefined, todo: readonly string[]): Promise<void> {
    const copy = vscode.l10n.t('Copy');
    const text = vscode.l10n.t('Left to do: {0}', todo.join(' '));
    if (await vscode.window.showInformationMessage(text, copy) !== copy) return;
    const lines = [...(explanation ? [explanation, ''] : []), ...todo.map(item => `- [ ] ${item}`)];
    await vscode.env.clipboard.writeText(`${lines.join('\n')}\n`);
  }

  private async pickRoot(): Promise<string | undefined> {
    if (this.store.reports.length === 0) await this.store.refresh();
    const { reports } = this.store;
    if (reports.length <= 1) return reports[0]?.root;
    const items = reports.map((report: ScorecardReport) => ({ label: report.name, description: report.headline, root: report.root }));
    return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Add to which repository?') }))?.root;
  }

  private async pickPractice(root: string): Promise<string | undefined> {
    const load = async () => {
      const { practices } = await this.server.addable({ root });
      return [...practices].sort((a, b) => b.gain - a.gain).map(practiceItem);
    };
    const picked = await vscode.window.showQuickPick(load(), {
      title: vscode.l10n.t('Add Practice'),
      placeHolder: vscode.l10n.t('What should the pipelines do that they do not do yet?'),
      matchOnDescription: true, matchOnDetail: true,
    });
    return picked?.id;
  }
}

function practiceItem(practice: AddableResult['practices'][number]) {
  const gain = Math.round(practice.gain * 10) / 10;
  return {
    id: practice.id,
    label: practice.title,
    description: gain > 0 ? vscode.l10n.t('{0} · +{1} points', practice.category, gain) : practice.category,
    detail: practice.summary,
  };
}

/** What was added stands near the top of the editor, ready to be read. */
async function showChange(uri: string, at = new vscode.Position(0, 0)): Promise<void> {
  const editor = await vscode.window.showTextDocument(vscode.Uri.parse(uri), { preview: false });
  editor.selection = new vscode.Selection(at, at);
  editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenter);
}
