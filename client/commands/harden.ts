import * as vscode from 'vscode';
import type { HardenChoicesResult, HardenParams, HardenResult } from '../../server/protocol';
import type { ReportStore } from '../report-store';
import type { LanguageServer } from '../server/language-server';
import { plain } from '../views/labels';
import { applyServerEdit } from './apply';

/** What `ciHardening.harden` takes; what is left out is asked for. */
export type HardenArguments = Partial<HardenParams>;

type Choice = Omit<HardenParams, 'root'>;
type Option = HardenChoicesResult['practices'][number];

/** Everything that a repository lacks, up to a level or as chosen, in one change that is looked at before it is made. */
export class Harden {
  constructor(private readonly server: LanguageServer, private readonly store: ReportStore) {}

  async run(given: HardenArguments = {}): Promise<void> {
    const root = given.root ?? await this.pickRoot();
    if (!root) return;
    const choice = given.target !== undefined || given.practices ? given : await this.pick(root);
    if (!choice) return;
    const result = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Working out what to change'), cancellable: true },
      (_progress, token) => this.server.harden({ ...choice, root }, token),
    );
    if (result.refused !== undefined) {
      void vscode.window.showInformationMessage(result.refused);
      return;
    }
    if (result.edit !== undefined && !await applyServerEdit(this.server, result.edit)) return;
    // Not awaited: a notification can stand for ever.
    void this.tell(result);
  }

  private async tell(result: HardenResult): Promise<void> {
    const { after, before, steps, files, remaining } = result;
    const left = steps.flatMap(step => step.todo).length + remaining.length;
    const done = result.edit === undefined ? vscode.l10n.t('There is nothing to add or to fix.')
      : before && after && vscode.l10n.t('{0} steps in {1} files: score {2} → {3}, level {4} → {5}.', steps.length, files, before.score, after.score, before.level, after.level);
    const show = vscode.l10n.t('Show What Is Left');
    const message = [done, left > 0 && vscode.l10n.t('{0} things are left to you.', left)].filter(Boolean).join(' ');
    if (await vscode.window.showInformationMessage(message, ...(left > 0 ? [show] : [])) !== show) return;
    const document = await vscode.workspace.openTextDocument({ language: 'markdown', content: summary(result) });
    await vscode.window.showTextDocument(document, { preview: false });
  }

  private async pickRoot(): Promise<string | undefined> {
    await this.store.loaded();
    const { reports } = this.store;
    if (reports.length <= 1) return reports[0]?.root;
    const items = reports.map(report => ({ label: report.name, description: report.headline, root: report.root }));
    return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Harden which repository?') }))?.root;
  }

  private async pick(root: string): Promise<Choice | undefined> {
    const title = vscode.l10n.t('Harden This Repository');
    const loading = this.server.hardenChoices({ root });
    const picked = await vscode.window.showQuickPick<StartItem>(loading.then(startItems), { title, placeHolder: vscode.l10n.t('How far should it go?'), matchOnDescription: true });
    if (!picked) return undefined;
    if (picked.target === undefined) return pickPractices((await loading).practices, title);
    const unsafe = await pickSafety(title);
    return unsafe === undefined ? undefined : { target: picked.target, unsafe };
  }
}

/** A list of all of them says nothing. */
const CATEGORIES = 6;

interface StartItem extends vscode.QuickPickItem { readonly target?: number }

function startItems({ level, targets, practices }: HardenChoicesResult): StartItem[] {
  const possible = practices.filter(practice => practice.refused === undefined).length;
  return [
    ...targets.map(({ target, name, categories }): StartItem => ({
      target,
      label: vscode.l10n.t('Level {0}: {1}', target, name),
      description: target === level + 1 ? vscode.l10n.t('the next one') : '',
      detail: categories.length === CATEGORIES ? vscode.l10n.t('Every category is below it') : vscode.l10n.t('Below it: {0}', categories.join(', ')),
    })),
    { label: vscode.l10n.t('Choose practices…'), description: vscode.l10n.t('{0} can be added', possible) },
  ];
}

async function pickPractices(practices: readonly Option[], title: string): Promise<Choice | undefined> {
  const here = practices.filter(practice => practice.refused === undefined), not = practices.filter(practice => practice.refused !== undefined);
  const items: (vscode.QuickPickItem & { id?: string })[] = [
    ...here.map(practiceItem),
    ...(not.length > 0 ? [{ label: vscode.l10n.t('can’t be added here'), kind: vscode.QuickPickItemKind.Separator }] : []),
    ...not.map(practiceItem),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title, canPickMany: true, placeHolder: vscode.l10n.t('What should the pipelines do that they do not do yet?'), matchOnDescription: true, matchOnDetail: true,
  });
  const ids = picked?.flatMap(({ id }) => (id === undefined ? [] : [id])) ?? [];
  return ids.length > 0 ? { practices: ids } : undefined;
}

function practiceItem({ id, title, category, level, gain, effort, summary: detail, refused }: Option): vscode.QuickPickItem & { id: string } {
  const efforts = [vscode.l10n.t('quick'), vscode.l10n.t('some work'), vscode.l10n.t('more work')];
  const points = Math.round(gain * 10) / 10;
  const worth = [
    category, vscode.l10n.t('level {0}', level), ...(points > 0 ? [vscode.l10n.t('+{0} points', points)] : []),
    ...(refused === undefined ? [efforts[effort - 1] ?? ''] : []),
  ];
  return { id, label: refused === undefined ? title : `$(circle-slash) ${title}`, description: worth.join(' · '), detail: plain(refused ?? detail) };
}

async function pickSafety(title: string): Promise<boolean | undefined> {
  const picked = await vscode.window.showQuickPick([
    { unsafe: false, label: vscode.l10n.t('Safe fixes only'), detail: vscode.l10n.t('Of what stands, nothing is changed that could make a run fail which passes today.') },
    { unsafe: true, label: vscode.l10n.t('All fixes'), detail: vscode.l10n.t('Also token permissions and whatever else may need an adjustment. Everything is shown before it is made.') },
  ], { title, placeHolder: vscode.l10n.t('Which fixes are made to existing jobs?') });
  return picked?.unsafe;
}

/** What is left, as a list to work off, and what was done. */
function summary({ steps, remaining, before, after }: HardenResult): string {
  const todo = steps.flatMap(step => step.todo.map(text => `- [ ] ${text} (\`${step.id}\`)`));
  const section = (heading: string, lines: readonly string[]): string[] => (lines.length > 0 ? [`## ${heading}`, '', ...lines, ''] : []);
  return [
    `# ${vscode.l10n.t('Hardening')}`, '',
    ...(before && after ? [vscode.l10n.t('Score {0} → {1}, level {2} → {3}.', before.score, after.score, before.level, after.level), ''] : []),
    ...section(vscode.l10n.t('Left to do for what was added'), todo),
    ...section(vscode.l10n.t('By hand'), remaining.map(one => `- [ ] ${one.title.replace(/\.$/, '')} (\`${one.id}\`, ${one.category}, ${vscode.l10n.t('level {0}', one.level)}): ${one.reason}`)),
    ...section(vscode.l10n.t('Done'), steps.map(step => `- ${step.title} (\`${step.id}\`): ${step.explanation}`)),
  ].join('\n');
}
