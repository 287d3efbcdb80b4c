import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TemporaryFolder } from '../lsp/folder';
import { run } from './run';

const CI = '.github/workflows/ci.yml';
const TEXT = `name: CI
on:
  issue_comment:
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - run: echo "\${{ github.event.comment.body }}"
`;

describe('command line: documents', () => {
  let folder: TemporaryFolder;
  beforeEach(() => { folder = new TemporaryFolder({ [CI]: TEXT }); });
  afterEach(() => folder.dispose());

  it('draws the pipelines', async () => {
    const all = await run(['diagram', folder.path, '--offline']);
    assert.equal(all.code, 0);
    assert.match(all.out, /^flowchart LR\n {2}subgraph w0\["CI \(ci\.yml\)"\]/);
    assert.match((await run(['diagram', folder.path, '--format', 'markdown'])).out, /^# Pipeline\n[\s\S]*```mermaid\nflowchart LR/);
    assert.equal((await run(['diagram', folder.path, '--workflow', CI])).out, all.out);
    const gone = await run(['diagram', folder.path, '--workflow', '.github/workflows/gone.yml']);
    assert.deepEqual([gone.code, gone.out], [2, '']);
    assert.match(gone.err, /there is no workflow at \.github\/workflows\/gone\.yml/);
  });

  it('writes the threat model', async () => {
    const { out, code } = await run(['threat-model', folder.path, '--offline']);
    assert.equal(code, 0);
    assert.match(out, /^# Threat model of the pipeline\n/);
    assert.match(out, /`script-injection-run` `\.github\/workflows\/ci\.yml:8`/);
    const json = JSON.parse((await run(['threat-model', folder.path, '--format', 'json'])).out) as { version: number; threats: { id: string; risk: string }[] };
    assert.deepEqual([json.version, json.threats.length, json.threats[0]!.risk], [1, 10, 'high']);
  });

  it('writes the audit report in three formats, and compares', async () => {
    const markdown = await run(['report', folder.path, '--offline']);
    assert.equal(markdown.code, 0);
    assert.match(markdown.out, /^# Audit of the pipelines of /);
    assert.match((await run(['report', folder.path, '--format', 'html'])).out, /^<!doctype html>/);
    const json = await run(['report', folder.path, '--format', 'json', '--target', '4']);
    assert.ok((JSON.parse(json.out) as { matrix: { target: number }[] }).matrix.every(r => r.target === 4));
    folder.write('old.json', json.out);
    folder.write('SECURITY.md', 'Write to security@example.org');
    const later = await run(['report', folder.path, '--baseline', join(folder.path, 'old.json')]);
    assert.match(later.out, /Met now: .*`security-policy`/);
  });

  it('writes what was seen for standards', async () => {
    assert.match((await run(['report', folder.path, '--section', 'compliance'])).out, /^# Standards and controls\n[\s\S]*\| `CICD-SEC-4` \| .* \| \*\*gap\*\* \|/);
    const json = JSON.parse((await run(['report', folder.path, '--section', 'compliance', '--format', 'json'])).out) as { standards: unknown[] };
    assert.equal(json.standards.length, 9);
  });

  it('says why it can not run', async () => {
    folder.write('no.json', '[]');
    folder.write('broken.json', '{');
    const why = async (...args: string[]): Promise<string> => {
      const { code, out, err } = await run(['report', ...args]);
      assert.deepEqual([code, out], [2, '']);
      return err;
    };
    assert.match(await why(folder.path, '--baseline', join(folder.path, 'no.json')), /no report of ci-hardening/);
    assert.match(await why(folder.path, '--baseline', join(folder.path, 'broken.json')), /is no JSON/);
    assert.match(await why(folder.path, '--baseline', join(folder.path, 'gone.json')), /can't be read/);
    assert.match(await why(folder.path, '--target', '9'), /--target has to be one of/);
    assert.match(await why(join(folder.path, CI)), /about a whole repository/);
    assert.match(await why(join(folder.path, 'gone')), /does not exist/);
  });

  it('adds the documents, and says so the second time', async () => {
    for (const [practice, file] of [['pipeline-diagram', 'docs/pipeline.md'], ['threat-model', 'docs/threat-model.md'], ['compliance-map', 'docs/compliance.md']] as const) {
      const first = await run(['add', practice, folder.path]);
      assert.equal(first.code, 0);
      assert.match(first.out, new RegExp(`^Created ${file}\n`));
      assert.ok(existsSync(join(folder.path, file)));
      const text = readFileSync(join(folder.path, file), 'utf8');
      assert.match((await run(['add', practice, folder.path])).out, /says it already\.\n$/);
      assert.equal(readFileSync(join(folder.path, file), 'utf8'), text);
    }
  });
});
