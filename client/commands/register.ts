import * as vscode from 'vscode';
import type { ScorecardEvidence } from '../../server/protocol';
import type { ReportStore } from '../report-store';
import type { ScoreHistory } from '../score-history';
import type { LanguageServer } from '../server/language-server';
import { pickFilter } from '../views/filter';
import type { ScorecardNode } from '../views/nodes';
import type { ScorecardPanel } from '../views/scorecard-panel';
import type { ScorecardTree } from '../views/scorecard-tree';
import { AddPractice, type AddArguments } from './add';
import { changeSeverity } from './change-severity';
import { checkPins } from './check-pins';
import { rowMarkdown, rowText } from './copy';
import { openConfiguration } from './configuration';
import { Documentation } from './explain';
import { copyDiagram, exportBadge, exportReport, type ExportArguments } from './export-report';
import { FixWorkspace, type FixArguments } from './fix';
import { Harden, type HardenArguments } from './harden';
import { reveal } from './navigate';
import { pickRoot } from './pick-root';
import { Why } from './why';

export interface Parts {
  readonly server: LanguageServer;
  readonly store: ReportStore;
  readonly history: ScoreHistory;
  readonly tree: ScorecardTree;
  readonly panel: ScorecardPanel;
  readonly output: vscode.LogOutputChannel;
}

type Control = Extract<ScorecardNode, { kind: 'control' }>;

/** Every command of the manifest. A failure is logged and said once, in one sentence. */
export function registerCommands({ server, store, history, tree, panel, output }: Parts): vscode.Disposable {
  const add = new AddPractice(server, store);
  const fix = new FixWorkspace(server);
  const harden = new Harden(server, store);
  const documentation = new Documentation(server, store);
  const why = new Why(server);

  const command = <A extends unknown[]>(id: string, run: (...args: A) => unknown) =>
    vscode.commands.registerCommand(`ciHardening.${id}`, async (...args: A) => {
      try {
        await run(...args);
      } catch (error) {
        output.error(`ciHardening.${id}`, error);
        const show = vscode.l10n.t('Show Output');
        const message = error instanceof Error ? error.message : String(error);
        void vscode.window.showErrorMessage(message, show).then(answer => { if (answer === show) output.show(); });
      }
    });

  return vscode.Disposable.from(
    documentation.register(),
    why.register(),
    command('openScorecard', (root?: unknown) => { panel.open(typeof root === 'string' ? root : undefined); }),
    command('addPractice', (given?: AddArguments) => add.run(isAddArguments(given) ? given : {})),
    command('createWorkflow', () => add.createWorkflow()),
    command('harden', (given?: HardenArguments) => harden.run(isHardenArguments(given) ? given : {})),
    command('fixWorkspace', (given?: FixArguments) => fix.run(isFixArguments(given) ? given : {})),
    command('pinActions', () => fix.pinActions()),
    command('checkPins', () => checkPins(server)),
    command('exportReport', (given?: ExportArguments) => exportReport(server, store, isExportArguments(given) ? given : {})),
    command('exportBadge', (given?: ExportArguments) => exportBadge(server, store, isExportArguments(given) ? given : {})),
    command('copyDiagram', (given?: ExportArguments) => copyDiagram(server, store, isExportArguments(given) ? given : {})),
    command('showHistory', async (given?: ExportArguments) => {
      const root = isExportArguments(given) && given.root !== undefined ? given.root : await pickRoot(store, vscode.l10n.t('History of which repository?'));
      if (root === undefined) return;
      panel.open(root);
      await history.run(root, store.report(root)?.name ?? '');
    }),
    command('showRule', (id?: unknown) => documentation.show(typeof id === 'string' ? id : undefined)),
    command('whyNotReported', () => why.show()),
    command('changeSeverity', (uri?: unknown, rule?: unknown) => (typeof uri === 'string' && typeof rule === 'string' ? changeSeverity(server, uri, rule) : changeSeverity(server))),
    command('openConfiguration', () => openConfiguration(store)),
    command('refresh', () => store.refresh(true)),
    command('filterControls', async () => {
      const filter = await pickFilter(tree.filter, tree.controls);
      if (filter) await tree.setFilter(filter);
    }),
    command('clearFilter', () => tree.setFilter({ failingOnly: false })),
    command('showFailingOnly', () => tree.setFilter({ ...tree.filter, failingOnly: true })),
    command('showAll', () => tree.setFilter({ ...tree.filter, failingOnly: false })),
    // A key brings no row along; a menu does.
    command('copyItem', async (node?: ScorecardNode) => copy(node ?? await tree.focused(), rowText)),
    command('copyMarkdown', async (node?: ScorecardNode) => copy(node ?? await tree.focused(), row => rowMarkdown(row, tree.filter))),
    command('copyId', (node: Control) => copy(node, ({ control }) => control.id)),
    command('restartServer', () => server.restart()),
    command('showOutput', () => { output.show(); }),
    command('addControl', (node: Control) => add.run({ root: node.report.root, practice: node.control.id })),
    command('fixControl', (node: Control) => fix.fixControl(node.control)),
    command('explainControl', (node: Control) => documentation.show(node.control.id)),
    command('reveal', (evidence: ScorecardEvidence) => reveal(evidence)),
  );
}

async function copy<N extends ScorecardNode>(node: N | undefined, text: (node: N) => string): Promise<void> {
  if (node) await vscode.env.clipboard.writeText(text(node));
}

/** Commands of a view's title are called with whatever is selected there. */
function isAddArguments(value: unknown): value is AddArguments {
  return typeof value === 'object' && value !== null && ('practice' in value || 'root' in value) && !('kind' in value);
}

function isHardenArguments(value: unknown): value is HardenArguments {
  return typeof value === 'object' && value !== null && ('root' in value || 'target' in value || 'practices' in value) && !('kind' in value);
}

function isFixArguments(value: unknown): value is FixArguments {
  return typeof value === 'object' && value !== null && ('rule' in value || 'unsafe' in value) && !('kind' in value);
}

function isExportArguments(value: unknown): value is ExportArguments {
  return typeof value === 'object' && value !== null && ('root' in value || 'format' in value) && !('kind' in value);
}
