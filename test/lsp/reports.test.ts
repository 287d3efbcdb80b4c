import assert from 'node:assert/strict';
import type { DiagramResult, ReportResult, ScaffoldResult } from '../../server/protocol';
import { TestClient } from './client';
import { TemporaryFolder } from './folder';

const CI = '.github/workflows/ci.yml';
const TEXT = 'name: CI\non: issue_comment\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo "${{ github.event.comment.body }}"\n';

describe('language server: documents', () => {
  let folder: TemporaryFolder, client: TestClient;
  beforeEach(async () => {
    folder = new TemporaryFolder({ [CI]: TEXT });
    client = await TestClient.start({ folders: [folder.folder] });
  });
  afterEach(async () => {
    await client.stop();
    folder.dispose();
  });

  it('writes the audit report from what stands in the editor', async () => {
    const root = folder.uri();
    const ask = (format: string): Promise<ReportResult> => client.request<ReportResult>('ciHardening/report', { root, format, date: '2026-01-02', target: 4 });
    const { text, fileName } = await ask('markdown');
    assert.match(text, /^# Audit of the pipelines of /);
    assert.match(text, /script-injection-run \((?:high|critical)\)/);
    assert.match(fileName, /^ci-hardening-[\w.-]+-2026-01-02$/);
    assert.match((await ask('html')).text, /^<!doctype html>/);
    assert.ok((JSON.parse((await ask('json')).text) as { matrix: { target: number }[] }).matrix.every(r => r.target === 4));
    await client.open(folder.uri(CI), TEXT.replace('"${{ github.event.comment.body }}"', 'hello'));
    assert.doesNotMatch((await ask('markdown')).text, /script-injection-run \((?:high|critical)\)/);
  });

  it('draws the pipelines, all or one', async () => {
    const root = folder.uri();
    assert.match((await client.request<DiagramResult>('ciHardening/diagram', { root })).mermaid, /^flowchart LR\n/);
    assert.match((await client.request<DiagramResult>('ciHardening/diagram', { root, workflow: CI })).mermaid, /w0j0\{\{"test"\}\}/);
    await assert.rejects(client.request('ciHardening/diagram', { root, workflow: 'gone.yml' }), /There is no workflow at gone\.yml/);
    await assert.rejects(client.request('ciHardening/report', { root: folder.uri('other'), format: 'markdown' }), /no such repository/);
  });

  it('adds the documents with everything that it knows', async () => {
    for (const practice of ['pipeline-diagram', 'threat-model', 'compliance-map']) {
      const plan = await client.request<ScaffoldResult>('ciHardening/scaffold', { root: folder.uri(), practice });
      assert.equal(plan.refused, undefined, practice);
      assert.ok(plan.edit && plan.open?.endsWith('.md'));
    }
  });
});
