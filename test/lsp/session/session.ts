import assert from 'node:assert/strict';
import type { CodeAction, Diagnostic } from 'vscode-languageserver';
import { fileKind } from '../../../rules';
import type { ScorecardResult } from '../../../server/protocol';
import { abilitiesOf } from '../../../server/lsp/abilities';
import { FULL, type TestClient } from '../client';
import { nextEdit } from './edits';
import { Editor } from './editor';
import { freshScan, withoutPractices, type Fresh } from './fresh';
import type { Random } from './random';
import { CONFIGS, SETTINGS, type SessionRepository } from './repository';

const CONFIG = '.github/ci-hardening.yml';
const ABILITIES = abilitiesOf({ processId: null, rootUri: null, capabilities: FULL });
/** Nothing happens for this long only where something was forgotten. */
const FORGOTTEN_MS = 60_000;

/** How thoroughly a state is compared. `settled`: with nothing asked but what an editor asks by itself. */
type Depth = 'files' | 'whole' | 'settled';

/** Somebody at work on a repository: everything that they do is drawn by the seed, and after each of it what is shown is held against a fresh scan. */
export class EditingSession {
  readonly editor: Editor;
  readonly counts: Record<string, number> = {};
  compared = 0;
  edits = 0;
  readonly #log: string[] = [];
  #settings: unknown = offline({});
  #told: (() => void)[] = [];

  constructor(private readonly client: TestClient, private readonly repository: SessionRepository, private readonly random: Random) {
    this.editor = new Editor(client, repository, random);
    client.connection.onRequest('workspace/configuration', (p: { items: unknown[] }) => {
      // The answer goes ahead of whatever is asked next.
      for (const done of this.#told.splice(0)) setImmediate(done);
      return p.items.map(() => this.#settings);
    });
  }

  /** One round of work: `edits` edits with all that comes between them, and back to where it began. */
  async round(edits: number): Promise<void> {
    const end = this.edits + edits;
    // Each of them comes in every round, somewhere.
    const between = this.random.shuffled(['branch', 'branch', 'config', 'config', 'settings', 'rename', 'rename folder', 'fix all', 'settle', 'settle'] as const);
    const every = Math.max(1, Math.floor(edits / (between.length + 1)));
    while (this.edits < end) {
      await this.#edit();
      await this.compare(this.edits % 25 === 0 ? 'whole' : 'files');
      const next = this.edits % every === 0 ? between.pop() : undefined;
      if (next) await this.#between(next);
    }
    await this.#home();
  }

  async #edit(): Promise<void> {
    this.edits++;
    const path = await this.#some();
    const document = this.editor.documents.get(path)!;
    const shown = this.editor.shown.get(this.editor.uri(path)) ?? [];
    const roll = this.random.next();
    if (roll < 0.14 && shown.length > 0) return this.#fix(path, this.random.of(shown));
    if (roll < 0.3 && document.undo.length > 0) {
      this.#did('undo', path);
      await this.editor.undo(path);
      return;
    }
    const others = [...this.editor.documents.values()].map(d => d.text);
    const edit = nextEdit(this.random, document.text, [...new Set(shown.map(d => String(d.code)))], others);
    this.#did(edit.what, path, `${edit.start} -${edit.remove} +${JSON.stringify(edit.insert.slice(0, 80))}`);
    await this.editor.edit(path, edit, this.random.chance(0.06) ? () => this.compare('files') : undefined);
    if (this.random.chance(0.1)) {
      this.#did('save', path);
      await this.editor.save(path);
    }
  }

  /** An open CI file, opened where it isn't; now and then one is closed. The largest comes less often than the others. */
  async #some(): Promise<string> {
    const { editor, random } = this;
    const files = [...new Set([...this.repository.files.filter(f => fileKind(f)), ...[...editor.documents.keys()].filter(f => f !== CONFIG)])].sort();
    let path = random.of(files);
    if (path === this.repository.workflows[0] && random.chance(0.4)) path = random.of(files);
    if (editor.documents.size > 6) {
      const other = random.of([...editor.documents.keys()].filter(f => f !== path));
      this.#did('close', other);
      await editor.close(other);
    }
    await editor.openFile(path);
    return path;
  }

  async #fix(path: string, diagnostic: Diagnostic): Promise<void> {
    const uri = this.editor.uri(path);
    const actions = (await this.client.actions(uri, { diagnostics: [diagnostic] })).filter(a => !a.disabled && !a.command);
    if (actions.length === 0) return;
    await this.#take(path, this.random.of(actions.slice(0, 8)));
  }

  async #take(path: string, action: CodeAction): Promise<void> {
    this.#did('quick fix', path, action.title);
    const { edit } = action.edit ? action : await this.client.resolve(action);
    if (edit) await this.editor.apply(edit);
  }

  async #between(what: 'branch' | 'config' | 'settings' | 'rename' | 'rename folder' | 'fix all' | 'settle'): Promise<void> {
    const { editor, random, repository } = this;
    switch (what) {
      case 'branch': {
        const branch = random.of(repository.branches);
        this.#did('switch to', branch);
        repository.checkout(branch);
        await editor.watched();
        break;
      }
      case 'config': await this.#config(); break;
      case 'settings': {
        this.#settings = offline(random.of(SETTINGS));
        this.#did('settings', JSON.stringify(this.#settings));
        await this.#tellSettings();
        break;
      }
      case 'rename': await this.#rename(); break;
      case 'rename folder': {
        const from = '.github/actions', to = 'tools';
        if (!repository.files.some(f => f.startsWith(`${from}/`)) || [...editor.documents.keys()].some(f => f.startsWith(`${from}/`))) break;
        this.#did('move the folder', from, to);
        repository.move(from, to);
        repository.changes();
        // A watcher tells of a folder as of one thing.
        await this.client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: repository.uri(from), type: 3 }, { uri: repository.uri(to), type: 1 }] });
        return this.compare('settled');
      }
      case 'fix all': {
        const path = await this.#some();
        const actions = await this.client.actions(editor.uri(path), { only: ['source.fixAll.ciHardening'] });
        for (const action of actions.slice(0, 1)) await this.#take(path, action);
        break;
      }
      case 'settle': return this.compare('settled');
    }
    await this.compare(what === 'settings' || what === 'fix all' ? 'files' : 'whole');
  }

  /** Resolves when the server has asked for the settings again and has the answer. */
  async #tellSettings(): Promise<void> {
    const asked = new Promise<void>(resolve => { this.#told.push(resolve); });
    await this.client.notify('workspace/didChangeConfiguration', { settings: null });
    await asked;
  }

  async #config(): Promise<void> {
    const { editor, random, repository } = this;
    const text = random.of(CONFIGS);
    if (text === undefined || random.chance(0.5)) {
      this.#did('config on disk', JSON.stringify(text));
      if (text !== undefined) repository.write(CONFIG, text); else if (repository.text(CONFIG) !== undefined) repository.remove(CONFIG);
      return editor.watched();
    }
    this.#did('type config', JSON.stringify(text));
    if (repository.text(CONFIG) === undefined && !editor.documents.has(CONFIG)) {
      repository.write(CONFIG, '');
      await editor.watched();
    }
    const document = await editor.openFile(CONFIG);
    await editor.edit(CONFIG, { what: 'type config', start: 0, remove: document.text.length, insert: text, typed: true }, () => this.compare('files'));
    if (random.chance(0.5)) await editor.save(CONFIG);
  }

  async #rename(): Promise<void> {
    const { editor, random, repository } = this;
    const from = random.of(repository.files.filter(f => f.startsWith('.github/workflows/')));
    const to = from.replace(/[^/]+$/, `renamed-${this.edits}.yml`);
    this.#did('rename', from, to);
    const open = editor.documents.get(from);
    repository.move(from, to);
    // As editors do: the text goes with the file, changes that weren't saved included.
    if (open) {
      await editor.close(from);
      await editor.openFile(to, open.text);
    }
    await editor.watched();
  }

  /** Back to the beginning: nothing open but what was, the first branch, no settings. */
  async #home(): Promise<void> {
    this.#did('home');
    for (const path of [...this.editor.documents.keys()]) await this.editor.close(path);
    this.repository.checkout('main');
    await this.editor.watched();
    this.#settings = offline({});
    await this.#tellSettings();
    await this.compare('settled');
    this.client.inbox.seen.length = 0;
  }

  /** Holds what is shown, and what the workspace request says, against a fresh scan of the same files and texts. */
  async compare(depth: Depth): Promise<void> {
    const { editor } = this;
    this.compared++;
    const input = { folder: this.repository.folder, settings: this.#settings, abilities: ABILITIES, open: editor.open };
    if (depth === 'settled') return this.#settle(await freshScan(input, true));
    const whole = depth === 'whole';
    const scorecard = whole ? this.client.request<ScorecardResult>('ciHardening/scorecard', {}) : undefined;
    const pulled = editor.pullAll(), workspace = this.client.pullWorkspace();
    // In this process, while the server is at it in its own.
    const fresh = await freshScan(input, whole);
    if (scorecard) assert.deepEqual(await scorecard, plain(fresh.scorecard), this.#story());
    await pulled;
    const { items } = await workspace;
    this.#same(input.open.map(o => [o.uri, editor.shown.get(o.uri)] as const), fresh, whole, input.open.map(o => o.uri));
    this.#same(items.map(i => [i.uri, i.kind === 'full' ? i.items : undefined] as const), fresh, whole, fresh.files);
  }

  /** Waits until what the server says by itself has made everything right. */
  async #settle(fresh: Fresh): Promise<void> {
    const { editor } = this;
    await editor.pullAll();
    editor.poll();
    for (;;) {
      const news = editor.news();
      let different: unknown;
      try {
        this.#same([...editor.shown], fresh, true);
        return;
      } catch (error) {
        different = error;
      }
      let limit: NodeJS.Timeout | undefined;
      const forgotten = new Promise<never>((_, reject) => { limit = setTimeout(() => { reject(different instanceof Error ? different : new Error('different')); }, FORGOTTEN_MS); });
      await Promise.race([news, forgotten]).finally(() => { clearTimeout(limit); });
    }
  }

  #same(shown: readonly (readonly [string, readonly Diagnostic[] | undefined])[], fresh: Fresh, whole: boolean, files: readonly string[] = [...fresh.shown.keys()]): void {
    // Of what is gone it may be said that there is nothing.
    const there = shown.filter(([uri, items]) => fresh.shown.has(uri) || items?.length !== 0);
    assert.deepEqual(there.map(([uri]) => uri).sort(), [...files].sort(), `other files\n${this.#story()}`);
    const of = (items: readonly Diagnostic[] | undefined): readonly Diagnostic[] => (whole ? items ?? [] : withoutPractices(items ?? []));
    for (const [uri, items] of there) {
      const expected = of(fresh.shown.get(uri));
      if (JSON.stringify(of(items)) !== JSON.stringify(expected)) assert.deepEqual(of(items), plain(expected), `${uri}\n${this.#story()}`);
    }
  }

  #did(what: string, ...where: string[]): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
    this.#log.push(`${this.edits}: ${[what, ...where].join(' ')}`);
    if (this.#log.length > 15) this.#log.shift();
  }

  #story(): string { return `edit ${this.edits}; what came before:\n${this.#log.join('\n')}`; }
}

function offline(settings: unknown): unknown { return { ...settings as object, network: { enabled: false } }; }
function plain(value: unknown): unknown { return JSON.parse(JSON.stringify(value)) as unknown; }
