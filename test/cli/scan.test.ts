import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { TemporaryFolder } from '../lsp/folder';
import { run } from './run';
import schema from './sarif-2.1.0.subset.json';

const CI = '.github/workflows/ci.yml';
const workflow = (uses: string): string => `name: CI
on: workflow_dispatch
permissions: {}
concurrency: ci
jobs:
  a:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - uses: ${uses}
      - run: make
`;
const PINNED = 'actions/setup-node@48b55a011bda9f5d6aeb4c2d9c7362e8dae4041e # v6.4.0';
const UNPINNED = workflow('actions/setup-node@v6');

interface Report {
  version: number;
  files: number;
  findings: { ruleId: string; severity: string; file: string; message: string; range: { start: { line: number; column: number }; end: { line: number; column: number } };
    fixes: { title: string; safety: string; preferred: boolean }[]; suppressed: null | { kind: string; reason: string } }[];
  errors: { file: string; message: string }[];
}

describe('command line: scan', () => {
  let folder: TemporaryFolder;
  const scan = async (...args: string[]): Promise<{ code: number | null; report: Report; err: string }> => {
    const { code, out, err } = await run(['scan', folder.path, '--format', 'json', '--offline', ...args]);
    assert.notEqual(out, '', err);
    return { code, report: JSON.parse(out) as Report, err };
  };

  beforeEach(() => { folder = new TemporaryFolder({ [CI]: UNPINNED }); });
  afterEach(() => folder.dispose());

  it('exits 1 and gives 1-based places, with the end exclusive', async () => {
    const { code, report } = await scan();
    assert.equal(code, 1);
    assert.equal(report.version, 1);
    assert.equal(report.files, 1);
    const found = report.findings.find(f => f.ruleId === 'unpinned-action')!;
    assert.deepEqual(found.range, { start: { line: 10, column: 34 }, end: { line: 10, column: 36 } });
    assert.equal(found.file, CI);
    assert.equal(found.suppressed, null);
    assert.equal(found.fixes.filter(f => f.preferred).length, 1);
    assert.deepEqual(Object.keys(found).sort(), ['confidence', 'file', 'fixes', 'message', 'range', 'related', 'ruleId', 'severity', 'suppressed']);
  });

  it('exits 0 where nothing is wrong, and for findings below --fail-on', async () => {
    assert.equal((await scan('--fail-on', 'critical')).code, 0);
    folder.write(CI, workflow(PINNED));
    const { code, report } = await scan();
    assert.deepEqual(report.findings.filter(f => !f.suppressed), []);
    assert.equal(code, 0);
  });

  it('leaves out what is below --min-severity', async () => {
    const { report, code } = await scan('--min-severity', 'critical');
    assert.deepEqual([report.findings, code], [[], 0]);
  });

  it('exits 2 where it cannot run', async () => {
    const cases = [
      ['scan', join(folder.path, 'nowhere')], ['scan', '--no-such-option'], ['scan', folder.path, '--format', 'xml'], ['scan', folder.path, '--fail-on', 'bad'],
      ['scan', folder.path, '--format'], ['scan', folder.path, '--baseline', join(folder.path, 'none.json')], ['scam'], ['fix', folder.path, '--rule', 'no-such-rule'],
      ['explain', 'no-such-rule'], ['add', 'no-such-practice', folder.path],
    ];
    for (const args of cases) {
      const { code, err, out } = await run(args);
      assert.equal(code, 2, args.join(' '));
      assert.match(err, /^ci-hardening: /);
      assert.equal(out, '');
    }
  });

  it('counts what a baseline holds as suppressed, also after lines have moved', async () => {
    const { out } = await run(['scan', folder.path, '--format', 'json', '--offline']);
    folder.write('baseline.json', out);
    folder.write(CI, `# moved\n\n${UNPINNED}      - uses: actions/cache@v5\n`);
    const { report, code } = await scan('--baseline', join(folder.path, 'baseline.json'));
    const by = report.findings.filter(f => f.ruleId === 'unpinned-action').map(f => f.suppressed?.kind ?? null);
    assert.deepEqual(by, ['baseline', null]);
    assert.equal(code, 1);
  });

  it('marks what a comment suppresses and what the configuration ignores', async () => {
    folder.write(CI, UNPINNED.replace('@v6', '@v6 # ci-hardening: ignore[unpinned-action] tried out'));
    const one = await scan();
    assert.deepEqual(one.report.findings.find(f => f.ruleId === 'unpinned-action')?.suppressed, { kind: 'comment', reason: 'tried out' });
    assert.equal(one.code, 0);
    folder.write(CI, UNPINNED);
    folder.write('.github/ci-hardening.yml', 'ignore:\n  - rule: unpinned-action\n    reason: internal\n');
    const two = await scan();
    assert.deepEqual(two.report.findings.find(f => f.ruleId === 'unpinned-action')?.suppressed, { kind: 'config', reason: 'internal' });
    assert.equal(two.code, 0);
  });

  it('tells of files that it cannot look at, and goes on', async () => {
    folder.write('.github/workflows/binary.yml', new Uint8Array([0, 1, 2]));
    folder.write('.github/workflows/huge.yml', `# ${'x'.repeat(5 * 1024 * 1024)}\n`);
    folder.write('.github/workflows/broken.yml', 'on: [push\njobs: {\n');
    symlinkSync('/etc/hostname', join(folder.path, '.github/workflows/out.yml'));
    const { code, report } = await scan();
    assert.equal(code, 1);
    const about = (name: string): string => report.errors.find(e => e.file === `.github/workflows/${name}.yml`)?.message ?? 'nothing';
    assert.match(about('binary'), /binary/);
    assert.match(about('huge'), /larger than 5 MB/);
    assert.match(about('broken'), /does not parse/);
    assert.match(about('out'), /outside the repository/);
    assert.ok(report.findings.some(f => f.file === CI));
  });

  it('finds each repository below a path and names its files relative to that path', async () => {
    folder.dispose();
    folder = new TemporaryFolder({ [`one/${CI}`]: UNPINNED, [`two/${CI}`]: UNPINNED, [`two/node_modules/x/${CI}`]: UNPINNED, 'three/action.yml': 'name: x\n' });
    const { report } = await scan();
    assert.deepEqual([...new Set(report.findings.map(f => f.file))], [`one/${CI}`, `two/${CI}`]);
  });

  it('reads a single file, and a folder of workflows, without looking above it', async () => {
    folder.write('.github/ci-hardening.yml', 'rules:\n  unpinned-action: off\n');
    const file = JSON.parse((await run(['scan', join(folder.path, CI), '--format', 'json'])).out) as Report;
    assert.deepEqual(file.findings.filter(f => f.ruleId === 'unpinned-action').map(f => f.file), ['ci.yml']);
    const inside = JSON.parse((await run(['scan', join(folder.path, '.github/workflows'), '--format', 'json'])).out) as Report;
    assert.deepEqual(inside.findings.filter(f => f.ruleId === 'unpinned-action').map(f => f.file), ['ci.yml']);
  });

  it('takes files that are not checked out for there', async () => {
    folder.write('names.txt', '.github/workflows/other.yml\nDockerfile\n');
    const { report } = await scan('--file-list', join(folder.path, 'names.txt'));
    assert.deepEqual([report.files, report.errors], [1, []]);
  });

  it('is sorted by file, line, column and rule', async () => {
    folder.write('.github/workflows/a.yml', UNPINNED.replace('timeout-minutes: 5\n    ', ''));
    const { report } = await scan();
    const keys = report.findings.map(f => [f.file, f.range.start.line, f.range.start.column, f.ruleId] as const);
    const sorted = [...keys].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1] || a[2] - b[2] || (a[3] < b[3] ? -1 : 1)));
    assert.deepEqual(keys, sorted);
    assert.ok(keys.length > 2);
  });

  it('writes SARIF as the standard has it', async () => {
    folder.write('.github/workflows/ü b.yml', UNPINNED.replace('@v6', '@v6 # ci-hardening: ignore[unpinned-action] tried out'));
    const { out, code } = await run(['scan', folder.path, '--format', 'sarif']);
    assert.equal(code, 1);
    const log = JSON.parse(out) as { runs: { tool: { driver: { rules: { id: string }[] } }; results: { ruleId: string; ruleIndex: number; suppressions: unknown[];
      locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }[] }[] };
    const ajv = new Ajv({ allErrors: true, formats: { uri: /^[a-z]+:/, 'uri-reference': /^[^\s<>"{}|\\^`]*$/ } });
    const validate = ajv.compile(schema);
    assert.ok(validate(log), JSON.stringify(validate.errors));
    const [first] = log.runs;
    for (const r of first!.results) assert.equal(first!.tool.driver.rules[r.ruleIndex]?.id, r.ruleId);
    const other = first!.results.filter(r => r.locations[0]!.physicalLocation.artifactLocation.uri === '.github/workflows/%C3%BC%20b.yml');
    assert.deepEqual(other.map(r => r.suppressions), [[{ kind: 'inSource', justification: 'tried out' }]]);
  });

  it('writes workflow commands that a message cannot break out of', async () => {
    folder.write('.github/workflows/a,b.yml', UNPINNED);
    const { out } = await run(['scan', folder.path, '--format', 'github']);
    assert.match(out, /^::warning file=\.github\/workflows\/a%2Cb\.yml,line=10,endLine=10,col=34,endColumn=36,title=unpinned-action::/m);
    assert.ok(out.trimEnd().split('\n').every(l => l.startsWith('::')));
  });

  it('writes text for people: grouped by file, plain where it is no terminal', async () => {
    const { out } = await run(['scan', folder.path]);
    assert.match(out, /^\.github\/workflows\/ci\.yml\n {3}10:34 {2}medium /);
    assert.match(out, /\d problems? in 1 file \(/);
    const coloured = async (env: Record<string, string>): Promise<boolean> => (await run(['scan', folder.path], { env })).out.includes('\u001b[');
    assert.deepEqual([await coloured({}), await coloured({ FORCE_COLOR: '1' }), await coloured({ FORCE_COLOR: '1', NO_COLOR: '1' })], [false, true, false]);
  });

  it('turns more rules on with --profile strict, whatever the configuration says', async () => {
    folder.write('.github/ci-hardening.yml', 'profile: recommended\n');
    const plain = await scan();
    const strict = await scan('--profile', 'strict');
    assert.ok(strict.report.findings.length >= plain.report.findings.length);
    const ids = JSON.parse((await run(['rules', '--format', 'json'])).out) as { id: string; profile: string }[];
    assert.ok(plain.report.findings.every(f => ids.find(r => r.id === f.ruleId)?.profile === 'recommended'));
  });

  it('gives the same report whether one thread or several make it', async () => {
    folder.dispose();
    const files: Record<string, string> = {};
    for (let i = 0; i < 320; i++) files[`repo${i % 5}/.github/workflows/w${i}.yml`] = i % 3 === 0 ? UNPINNED : workflow(PINNED);
    folder = new TemporaryFolder(files);
    const together = await scan();
    assert.equal(together.report.files, 320);
    const alone: Report['findings'] = [];
    for (let i = 0; i < 5; i++) {
      const { out } = await run(['scan', join(folder.path, `repo${i}`), '--format', 'json']);
      alone.push(...(JSON.parse(out) as Report).findings.map(f => ({ ...f, file: `repo${i}/${f.file}` })));
    }
    assert.deepEqual(together.report.findings, alone);
  });

  it('never lets a name from the repository reach the terminal as a control sequence', async () => {
    folder.write('.github/workflows/\u001b[31mx.yml', UNPINNED);
    const { out } = await run(['scan', folder.path]);
    assert.ok(!out.includes('\u001b'));
    assert.ok(out.includes('\\u001b[31mx.yml'));
  });
});
