/**
 * Some minutes of work in the editor: typing, undo and redo, quick fixes, renames, files that change on disk, configuration. After
 * each step the Problems panel is what a fresh scan of the same texts shows. CI_HARDENING_SESSION_STEPS=n makes it longer.
 */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { fileKind } from '../../../rules';
import { LOCKFILE_PATH } from '../../../rules/checks/shared/lockfile';
import { abilitiesOf } from '../../../server/lsp/abilities';
import { keys, nextEdit } from '../../lsp/session/edits';
import { freshScan } from '../../lsp/session/fresh';
import { Random } from '../../lsp/session/random';
import { applyAction, codeActions, codeOf, eventually, fileUri, folder, ours, parts, WORKFLOW } from './support';

const STEPS = Number(process.env['CI_HARDENING_SESSION_STEPS'] ?? 60);
const CONFIG = '.github/ci-hardening.yml';
const CALLED = '.github/workflows/called.yml';
const TEXTS: Readonly<Record<string, string>> = {
  '.github/workflows/session.yml': `name: Session
on:
  pull_request_target:
  issues:
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: echo "\${{ github.event.issue.title }}"
  two:
    uses: ./.github/workflows/called.yml
    with: { title: "\${{ github.event.issue.title }}" }
    secrets: inherit
`,
  [CALLED]: `name: Called
on:
  workflow_call:
    inputs:
      title: { type: string }
jobs:
  three:
    runs-on: ubuntu-latest
    steps:
      - uses: some-owner/some-action@main
      - run: echo "\${{ inputs.title }}"
`,
};
const CONFIGS = ['profile: strict\n', 'rules:\n  unpinned-action: off\n', 'rules: [\n', 'ignore:\n  - rule: "*"\n    path: .github/workflows/session.yml\n    reason: later\n'];

type Step = 'edit' | 'undo' | 'redo' | 'fix' | 'rename' | 'disk' | 'branch' | 'config' | 'settings' | 'save' | 'close';
/** Out of twenty steps. */
const SHARES: readonly Step[] = [
  'edit', 'edit', 'edit', 'edit', 'edit', 'edit', 'edit', 'edit', 'undo', 'undo', 'redo', 'fix', 'fix', 'fix', 'rename', 'disk', 'branch', 'config', 'settings', 'save', 'close',
];

describe('a long session', () => {
  const random = new Random(20_261_122);
  const made = new Set<string>();
  const log: string[] = [];
  const settings = () => vscode.workspace.getConfiguration('ciHardening', folder());
  const did = (what: string): void => { log.push(what); };

  const write = (path: string, text: string): void => {
    made.add(path);
    mkdirSync(dirname(fileUri(path).fsPath), { recursive: true });
    writeFileSync(fileUri(path).fsPath, text);
  };
  const workflows = async (): Promise<vscode.Uri[]> => (await vscode.workspace.findFiles('.github/workflows/*.yml')).filter(uri => !uri.path.endsWith(WORKFLOW))
    .sort((a, b) => (a.path < b.path ? -1 : 1));

  /** Opens one of the workflows of this test. */
  const some = async (): Promise<vscode.TextEditor> => show(random.of(await workflows()));

  /** Holds what is shown against a fresh scan: in open files, and in all files. Waits for as long as it differs, up to a limit. */
  const compare = async (where: 'open' | 'all'): Promise<void> => {
    const open = vscode.workspace.textDocuments.filter(d => !d.isClosed && d.uri.scheme === 'file' && isOurs(d.uri)).map(d => ({ uri: d.uri.toString(), text: d.getText() }));
    const fresh = await freshScan({
      folder: { uri: folder().toString(), name: 'project' }, settings: JSON.parse(JSON.stringify(settings())) as unknown, open,
      abilities: abilitiesOf({ processId: null, rootUri: null, capabilities: {} }),
    }, true);
    const expected = [...fresh.shown].filter(([uri]) => where === 'all' || open.some(o => o.uri === uri))
      .flatMap(([uri, items]) => items.map(i => line(uri, i.range, (i.severity ?? 1) - 1, String(i.code), String(i.message)))).sort();
    const shown = (): string[] => vscode.languages.getDiagnostics().filter(([uri]) => where === 'all' || open.some(o => o.uri === uri.toString()))
      .flatMap(([uri]) => ours(uri).map(d => line(uri.toString(), d.range, d.severity, codeOf(d), d.message))).sort();
    await eventually(`the same as a fresh scan after ${log.slice(-8).join('; ') || 'nothing'}`, [vscode.languages.onDidChangeDiagnostics], () => same(shown(), expected), () => difference(shown(), expected));
  };

  const act: Record<Step, () => Promise<void>> = {
    edit: async () => {
      const { document } = await some(), editor = vscode.window.activeTextEditor!;
      const text = document.getText();
      const edit = nextEdit(random, text, [...new Set(ours(document.uri).map(codeOf))], Object.values(TEXTS));
      const start = document.positionAt(edit.start), end = document.positionAt(edit.start + Math.min(edit.remove, 400));
      did(`${edit.what} at ${start.line}:${start.character} +${JSON.stringify(edit.insert.slice(0, 40))}`);
      if (!edit.typed) {
        assert.ok(await editor.edit(builder => { builder.replace(new vscode.Range(start, end), edit.insert); }));
        return;
      }
      editor.selection = new vscode.Selection(end, end);
      for (const _ of keys(document.getText(new vscode.Range(start, end))).slice(0, 12)) await vscode.commands.executeCommand('deleteLeft');
      for (const key of keys(edit.insert).slice(0, 40)) await vscode.commands.executeCommand('type', { text: key });
    },
    undo: async () => {
      await some();
      await vscode.commands.executeCommand('undo');
    },
    redo: async () => {
      await some();
      await vscode.commands.executeCommand('redo');
    },
    fix: async () => {
      const { document } = await some();
      const diagnostics = ours(document.uri);
      if (diagnostics.length === 0) return;
      const diagnostic = random.of(diagnostics);
      const actions = (await codeActions(document.uri, diagnostic.range, vscode.CodeActionKind.QuickFix.value)).filter(action => action.edit && !action.command);
      if (actions.length === 0) return;
      const action = random.of(actions);
      did(action.title);
      made.add(CONFIG);
      await applyAction(action);
    },
    rename: async () => {
      const from = random.of(await workflows());
      const to = fileUri(`.github/workflows/renamed-${log.length}.yml`);
      made.add(vscode.workspace.asRelativePath(to));
      const edit = new vscode.WorkspaceEdit();
      edit.renameFile(from, to);
      assert.ok(await vscode.workspace.applyEdit(edit));
    },
    disk: () => {
      const [path, text] = random.of(Object.entries(TEXTS));
      write(path, text.replace('ubuntu-latest', random.of(['ubuntu-24.04', 'self-hosted', 'ubuntu-latest'])));
      return Promise.resolve();
    },
    // Many files at once, as a checkout does.
    branch: () => {
      const other = random.chance(0.5);
      for (const [path, text] of Object.entries(TEXTS)) write(path, other ? text.replaceAll('@', '@other-') : text);
      if (other) write('.github/workflows/new.yml', TEXTS[CALLED]!.replace('workflow_call:', 'push:'));
      else for (const path of ['.github/workflows/new.yml', CONFIG]) rmSync(fileUri(path).fsPath, { force: true });
      return Promise.resolve();
    },
    config: () => {
      write(CONFIG, random.of(CONFIGS));
      return Promise.resolve();
    },
    settings: async () => { await settings().update('profile', random.of(['strict', 'recommended']), vscode.ConfigurationTarget.Workspace); },
    save: async () => { await (await some()).document.save(); },
    close: async () => {
      await some();
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    },
  };

  before(async () => {
    await parts();
    // The server starts with the first file that is its own.
    await vscode.window.showTextDocument(fileUri(WORKFLOW));
    // Nothing that is offered here waits for GitHub.
    await settings().update('network.enabled', false, vscode.ConfigurationTarget.Workspace);
    for (const [path, text] of Object.entries(TEXTS)) write(path, text);
  });
  after(async () => {
    for (const key of ['network.enabled', 'profile']) await settings().update(key, undefined, vscode.ConfigurationTarget.Workspace);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it(`shows after each of ${STEPS} steps what a fresh scan shows, and nothing of files that are gone`, async function () {
    this.timeout(60_000 + STEPS * 5_000);
    await compare('all');
    const counts: Partial<Record<Step, number>> = {};
    for (let n = 1; n <= STEPS; n++) {
      const step = random.of(SHARES);
      counts[step] = (counts[step] ?? 0) + 1;
      did(`${n}: ${step}`);
      await act[step]();
      await compare(n % 10 === 0 ? 'all' : 'open');
    }
    assert.ok((counts.edit ?? 0) > STEPS / 4 && (counts.undo ?? 0) > 0 && (counts.fix ?? 0) > 0 && (counts.rename ?? 0) > 0, JSON.stringify(counts));

    did('everything closed, and its files gone');
    for (const { uri } of vscode.workspace.textDocuments.filter(d => d.isDirty)) {
      await show(uri);
      await vscode.commands.executeCommand('workbench.action.files.revert');
    }
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const path of made) rmSync(fileUri(path).fsPath, { force: true });
    const gone = new Set([...made].map(path => fileUri(path).toString()));
    await eventually('their texts are let go', [vscode.workspace.onDidCloseTextDocument], () => !vscode.workspace.textDocuments.some(d => gone.has(d.uri.toString())),
      () => vscode.workspace.textDocuments.map(d => `${d.uri.path} ${d.isDirty}`));
    await compare('all');
    const left = vscode.languages.getDiagnostics().filter(([uri]) => uri.path.includes('/.github/') && !uri.path.endsWith(WORKFLOW) && ours(uri).length > 0);
    assert.deepEqual(left.map(([uri]) => uri.path), []);
  });
});

/** Opens a file as a person does: for `showTextDocument` VS Code would hold on to the text for minutes. */
async function show(uri: vscode.Uri): Promise<vscode.TextEditor> {
  await vscode.commands.executeCommand('vscode.open', uri, { preview: false });
  return eventually(`an editor of ${uri.path}`, [vscode.window.onDidChangeActiveTextEditor], () => {
    const editor = vscode.window.activeTextEditor;
    return editor?.document.uri.toString() === uri.toString() ? editor : undefined;
  });
}

function isOurs(uri: vscode.Uri): boolean {
  const path = vscode.workspace.asRelativePath(uri, false);
  return fileKind(path) !== undefined || path === CONFIG || path === LOCKFILE_PATH;
}

function line(uri: string, range: { start: { line: number; character: number }; end: { line: number; character: number } }, severity: number, code: string, message: string): string {
  return `${uri.slice(uri.lastIndexOf('/') + 1)} ${range.start.line}:${range.start.character}-${range.end.line}:${range.end.character} ${severity} ${code} ${message}`;
}

function same(a: readonly string[], b: readonly string[]): boolean { return a.length === b.length && a.every((x, i) => x === b[i]); }

function difference(shown: readonly string[], expected: readonly string[]): unknown {
  return { tooMany: shown.filter(x => !expected.includes(x)), missing: expected.filter(x => !shown.includes(x)) };
}
