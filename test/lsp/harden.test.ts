import assert from 'node:assert/strict';
import { CancellationTokenSource, LSPErrorCodes, type ChangeAnnotation, type CreateFile, type ResponseError, type TextDocumentEdit, type WorkspaceEdit } from 'vscode-languageserver';
import type { HardenChoicesResult, HardenResult, ScorecardResult } from '../../server/protocol';
import { applyTo, FULL, TestClient, type ClientOptions } from './client';
import { TemporaryFolder } from './folder';
import { CI, OWN } from '../support/sample-ci';


describe('language server: harden', () => {
  let folder: TemporaryFolder;
  let client: TestClient | undefined;
  const start = async (options: ClientOptions = {}): Promise<TestClient> => client = await TestClient.start({ folders: [folder.folder], ...options });
  const harden = (c: TestClient, params: object): Promise<HardenResult> => c.request('ciHardening/harden', { root: folder.uri(), ...params });

  beforeEach(() => { folder = new TemporaryFolder({ [CI]: OWN, 'package.json': '{"name":"x","version":"1.0.0","scripts":{"test":"node --test"}}', 'package-lock.json': '{}', 'a.js': '' }); });
  afterEach(async () => {
    await client?.stop();
    client = undefined;
    folder.dispose();
  });

  /** Every file of an edit as it would be. */
  function written(edit: unknown, texts: Readonly<Record<string, string>>): Map<string, string> {
    const { documentChanges = [] } = edit as WorkspaceEdit;
    const uris = new Set(documentChanges.flatMap(change => ('kind' in change ? [] : [change.textDocument.uri])));
    return new Map([...uris].map(uri => [uri, applyTo(texts[uri] ?? '', uri, edit as WorkspaceEdit)]));
  }

  it('lists levels to aim at, and practices with what they are worth', async () => {
    const c = await start();
    const { targets, practices, level } = await c.request<HardenChoicesResult>('ciHardening/hardenChoices', { root: folder.uri() });
    assert.equal(level, 1);
    assert.deepEqual(targets.map(t => t.target), [2, 3, 4, 5]);
    assert.ok(!targets[0]!.categories.includes('Security') && targets[1]!.categories.includes('Security'), 'nothing dangerous stands in it, and nothing is scanned');
    const secrets = practices.find(p => p.id === 'scan-secrets')!;
    assert.deepEqual([secrets.category, secrets.level, secrets.effort, secrets.refused], ['Security', 3, 2, undefined]);
    assert.ok(practices.some(p => p.gain > 0) && practices.every(p => p.title !== '' && p.summary !== ''));
    for (const p of practices) if (p.refused !== undefined) assert.match(p.refused, /^[A-Z].*\.$/);
    await assert.rejects(c.request('ciHardening/hardenChoices', { root: 'file:///nowhere' }), /no such repository/);
  });

  it('makes one edit of everything, each change to be confirmed, which does what it says', async () => {
    const c = await start();
    const uri = folder.uri(CI);
    await c.open(uri, OWN);
    const result = await harden(c, { target: 3 });
    const edit = result.edit as { documentChanges: (TextDocumentEdit | CreateFile)[]; changeAnnotations: Record<string, ChangeAnnotation> };
    const annotations = Object.values(edit.changeAnnotations);
    assert.ok(annotations.length > 1 && annotations.every(a => a.needsConfirmation && a.label === 'Harden this repository' && a.description));
    for (const change of edit.documentChanges) if ('edits' in change) for (const e of change.edits) assert.ok('annotationId' in e && edit.changeAnnotations[String(e.annotationId)]);
    assert.equal(edit.documentChanges.filter(change => 'edits' in change).length, result.files);
    const own = edit.documentChanges.find((change): change is TextDocumentEdit => 'edits' in change && change.textDocument.uri === uri)!;
    assert.equal(own.textDocument.version, 1);
    const texts = written(edit, { [uri]: OWN });
    for (const line of OWN.split('\n').filter(l => l.includes('#'))) assert.ok(texts.get(uri)!.includes(line), line);
    assert.ok(result.steps.some(s => s.id === 'scan-secrets' && s.files.includes(uri) && s.effort > 0 && s.explanation !== ''));

    await c.change(uri, 2, { text: texts.get(uri)! });
    for (const [file, text] of texts) if (file !== uri) folder.write(decodeURIComponent(file.slice(folder.uri().length + 1)), text);
    const created = edit.documentChanges.filter((change): change is CreateFile => 'kind' in change);
    await c.notify('workspace/didChangeWatchedFiles', { changes: created.map(change => ({ uri: change.uri, type: 1 })) });
    const { reports } = await c.request<ScorecardResult>('ciHardening/scorecard', { refresh: true });
    assert.deepEqual([reports[0]?.score, reports[0]?.level], [result.after?.score, result.after?.level]);
    assert.deepEqual(reports[0]?.categories, result.after?.categories);
    const again = await harden(c, { target: 3 });
    assert.deepEqual([again.edit, again.steps, again.files], [undefined, [], 0]);
    assert.ok(again.remaining.length > 0 && again.remaining.every(r => r.reason !== ''));
  });

  it('adds chosen practices alone', async () => {
    const c = await start();
    const result = await harden(c, { practices: ['security-policy', 'scan-secrets'] });
    assert.deepEqual(result.steps.map(s => s.id).sort(), ['scan-secrets', 'security-policy']);
    assert.deepEqual([...written(result.edit, { [folder.uri(CI)]: OWN }).keys()].sort(), [folder.uri(CI), folder.uri('SECURITY.md')].sort());
  });

  it('works without annotations, too', async () => {
    const c = await start({ capabilities: { ...FULL, workspace: { ...FULL.workspace, workspaceEdit: { documentChanges: true, resourceOperations: ['create'] } } } });
    const { edit } = await harden(c, { practices: ['security-policy'] });
    assert.equal((edit as WorkspaceEdit).changeAnnotations, undefined);
    assert.match(written(edit, {}).get(folder.uri('SECURITY.md'))!, /^#/);
  });

  it('says what it can’t do', async () => {
    const c = await start();
    assert.match((await harden(c, { practices: ['nope'] })).refused ?? '', /no practice called nope/);
    assert.match((await harden(c, { target: 7 })).refused ?? '', /level 2, 3, 4 or 5/);
    assert.match((await harden(c, { target: 3, categories: ['Safety'] })).refused ?? '', /There are the categories Security,/);
    await assert.rejects(c.request('ciHardening/harden', { root: 'file:///nowhere', target: 3 }), /no such repository/);
  });

  it('answers others while it works, and stops when it is told to', async () => {
    const c = await start();
    await c.open(folder.uri(CI), OWN);
    const source = new CancellationTokenSource();
    const order: string[] = [];
    const long = c.connection.sendRequest('ciHardening/harden', { root: folder.uri(), target: 5, unsafe: true }, source.token)
      .catch((e: ResponseError<unknown>) => { order.push('harden'); return e.code; });
    const short = c.pull(folder.uri(CI)).then(() => { order.push('diagnostics'); });
    await short;
    source.cancel();
    assert.equal(await long, LSPErrorCodes.RequestCancelled);
    assert.deepEqual(order, ['diagnostics', 'harden']);
  });

  it('makes no edit for a repository that has changed in the meantime', async () => {
    const c = await start();
    const uri = folder.uri(CI);
    await c.open(uri, OWN);
    const long = harden(c, { target: 5 });
    await c.change(uri, 2, { text: OWN.replace('npm test', 'npm run test') });
    const { refused, edit } = await long;
    assert.deepEqual([edit, /changed in the meantime/.test(refused ?? '')], [undefined, true]);
  });
});
