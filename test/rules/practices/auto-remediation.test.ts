import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AUTO_REMEDIATION } from '../../../rules/practices/automation/scripts/auto-remediation';
import { parseSource } from '../../../rules/workflow/parse';
import { checkScript, exportsOf } from './github-stand-in';
import { practice, practiceCases, repository, result, workflow, type Files } from './support';

const NODE: Files = { 'package.json': '{"scripts":{"test":"mocha"}}', 'package-lock.json': '{}' };
const DAILY = "on:\n  schedule:\n    - cron: '13 4 * * *'";
const fix = (steps: string, on = DAILY): Files => ({ ...NODE, '.github/workflows/fix.yml': workflow(steps, { on }) });
const PR = '- uses: peter-evans/create-pull-request@v7\n';

interface Advisory { name: string; severity?: string; fixed?: string }
interface Exports { READERS: Readonly<Record<string, (text: string) => Advisory[]>>; serious(all: Advisory[]): Advisory[]; fixes(manager: string, list: Advisory[]): string[][] }

/** Reports as the tools write them, cut to what is read and a little more. */
const RECORDED: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  npm: [JSON.stringify({ auditReportVersion: 2, vulnerabilities: { minimist: { name: 'minimist', severity: 'critical', via: [{ source: 1, url: 'https://github.com/advisories/GHSA-x' }], fixAvailable: true },
    mkdirp: { name: 'mkdirp', severity: 'low', via: ['minimist'] } }, metadata: { vulnerabilities: { critical: 1, low: 1 } } }), ['minimist']],
  pnpm: [JSON.stringify({ advisories: { 1: { module_name: 'lodash', severity: 'high', github_advisory_id: 'GHSA-y', patched_versions: '>=4.17.21' }, 2: { module_name: 'x', severity: 'moderate' } } }), ['lodash']],
  pip: [JSON.stringify({ dependencies: [{ name: 'flask', version: '0.5', vulns: [{ id: 'PYSEC-2019-179', fix_versions: ['1.0'], aliases: ['CVE-1'] }] }, { name: 'jinja2', version: '3', vulns: [] }], fixes: [] }), ['flask']],
  go: ['{\n  "config": {\n    "protocol_version": "v1.0.0"\n  }\n}\n{\n  "finding": {\n    "osv": "GO-1",\n    "fixed_version": "v0.3.8",\n    "trace": [\n      {\n        "module": "golang.org/x/text",\n        "version": "v0.3.5",\n        "package": "golang.org/x/text/language",\n        "function": "Parse"\n      }\n    ]\n  }\n}\n{\n  "finding": {\n    "osv": "GO-2",\n    "trace": [\n      {\n        "module": "golang.org/x/net"\n      }\n    ]\n  }\n}\n', ['golang.org/x/text']],
  cargo: [JSON.stringify({ vulnerabilities: { found: true, count: 1, list: [{ advisory: { id: 'RUSTSEC-1', package: 'time' }, versions: { patched: ['>=0.2.23'] }, package: { name: 'time', version: '0.1.42' } }] } }), ['time']],
  bundler: [JSON.stringify({ version: '0.9.2', results: [{ type: 'unpatched_gem', gem: { name: 'rack', version: '2.0' }, advisory: { id: 'CVE-2', criticality: 'high' } }, { type: 'unpatched_gem', gem: { name: 'y', version: '1' }, advisory: { criticality: 'low' } }] }), ['rack']],
  composer: [JSON.stringify({ advisories: { 'symfony/http-kernel': [{ advisoryId: 'PKSA-1', severity: 'high' }], 'a/b': [{ severity: 'low' }] } }), ['symfony/http-kernel']],
};

describe('auto-remediation', () => {
  practiceCases('auto-remediation', {
    met: {
      'daily, tested, proposed': fix(`- run: npm audit fix\n- run: npm test\n${PR}`),
      'a token that starts the checks': fix('- run: npx pip-audit --fix -r requirements.txt\n- run: gh pr create --fill\n  env:\n    GH_TOKEN: ${{ secrets.BOT }}\n'),
      'Renovate for advisories alone': { ...NODE, '.github/renovate.json': '{ "extends": ["security:only-security-updates"] }' },
      'Renovate with OSV': { ...NODE, 'renovate.json': '{ "osvVulnerabilityAlerts": true }' },
    },
    partial: {
      'weekly': fix(`- run: npm audit fix\n- run: npm test\n${PR}`, "on:\n  schedule:\n    - cron: '13 4 * * 1'"),
      'not tested': fix(`- run: npm audit fix\n${PR}`),
      'updates of everything': fix(`- run: npm update\n- run: npm test\n${PR}`),
    },
    missing: {
      'nothing': NODE,
      'a report': fix('- run: npm audit\n'),
      'by hand alone': fix(`- run: npm audit fix\n${PR}`, 'on: workflow_dispatch'),
      'a change that goes nowhere': fix('- run: npm audit fix\n'),
      'a name alone (decoy)': fix(`- name: npm audit fix\n  run: echo npm audit fix\n${PR}`),
      'Renovate with other updates': { ...NODE, 'renovate.json': '{ "extends": ["config:recommended"] }' },
      'Renovate where it is commented out': { ...NODE, 'renovate.json5': '{\n  // osvVulnerabilityAlerts: true\n}' },
    },
    notApplicable: { 'there are no dependencies': { 'README.md': '' },
      'nothing holds a version: the next install has the mended one': { 'package.json': '{"dependencies":{"a":"^1"}}', 'tool/pyproject.toml': '[project]\ndependencies = ["requests"]\n' } },
  });

  it('does not know what a preset of another repository asks for', () => {
    const of = (settings: string) => practice('auto-remediation').evidence(repository({ ...NODE, 'renovate.json': settings }));
    const { result, lookedFor } = of('{ "extends": ["config:recommended", "local>octo-org/settings"] }');
    assert.deepEqual([result, lookedFor], ['unknown', ['whether local>octo-org/settings, which renovate.json builds on and which lies in another repository, asks for osvVulnerabilityAlerts']]);
    assert.equal(of('{ "extends": ["local>octo-org/settings"], "osvVulnerabilityAlerts": false }').result, 0);
    assert.equal(of('{ "extends": [":semanticCommits", "helpers:pinGitHubActionDigests"] }').result, 0);
  });

  it('keeps the right to write out of the job that runs the code of dependencies', () => {
    const made = practice('auto-remediation').scaffold!.plan(repository({ ...NODE, 'web/go.mod': '' }));
    assert.ok(!('refused' in made));
    const { jobs } = parseSource('.github/workflows/x.yml', made.changes[0]!.newText).workflow!;
    assert.deepEqual(jobs.map(j => [j.id, j.permissions!.scopes.filter(s => s.access === 'write').map(s => s.name)]),
      [['fix', []], ['propose', ['contents', 'pull-requests']], ['notify', ['issues']]]);
  });

  const planned = (files: Files) => practice('auto-remediation').scaffold!.plan(repository(files));
  it('leaves to Renovate what no workflow can update or test, and nothing else', () => {
    for (const files of [{ 'package.json': '{}', 'package-lock.json': '{}' }, { 'pom.xml': '<project/>' }, { 'pyproject.toml': '[tool.poetry]\nname = "x"\n', 'poetry.lock': '' }] as Files[]) {
      const made = planned(files);
      assert.ok(!('refused' in made), JSON.stringify(made));
      assert.deepEqual(made.changes.map(c => [c.path, c.created, JSON.parse(c.newText)]),
        [['renovate.json', true, { $schema: 'https://docs.renovatebot.com/renovate-schema.json', extends: ['security:only-security-updates'] }]]);
      const after = { ...files, 'renovate.json': made.changes[0]!.newText };
      assert.equal(result('auto-remediation', after), 1);
      assert.equal(result('update-bot', after), 0, 'that is no bot that keeps everything up to date');
      assert.ok('refused' in planned(after), 'it is there');
    }
    assert.ok('refused' in planned({ 'Package.swift': '', 'Package.resolved': '{}' }), 'OSV is not asked for Swift packages');
  });

  it('tells the Renovate that is there to ask for advisories, and leaves the rest of its settings as they are', () => {
    const text = '{\r\n    "extends": ["config:recommended"],\r\n    "labels": [ "deps" ]\r\n}\r\n', made = planned({ ...NODE, '.github/renovate.json': text });
    assert.ok(!('refused' in made));
    assert.deepEqual(made.changes.map(c => [c.path, c.created, c.newText]), [['.github/renovate.json', false, text.replace('{', '{\r\n    "osvVulnerabilityAlerts": true,')]]);
    const empty = planned({ ...NODE, 'renovate.json': '{}' });
    assert.equal('refused' in empty ? '' : empty.changes[0]!.newText, '{ "osvVulnerabilityAlerts": true }');
    const json5 = planned({ ...NODE, 'renovate.json5': "{ extends: ['config:recommended'] }" });
    assert.ok(!('refused' in json5) && json5.changes[0]!.path === '.github/workflows/auto-remediation.yml', 'what is no JSON is left alone');
    const off = planned({ 'pom.xml': '', 'renovate.json': '{ "osvVulnerabilityAlerts": false }' });
    assert.ok('refused' in off && off.refused.includes('renovate.json'), 'somebody has decided so');
  });

  describe('its script', () => {
    it('is one that Node can read', () => checkScript(AUTO_REMEDIATION));

    it('reads what seven tools report', async () => {
      const { READERS, serious } = await exportsOf<Exports>(AUTO_REMEDIATION);
      for (const [manager, [report, names]] of Object.entries(RECORDED)) assert.deepEqual(serious(READERS[manager]!(report)).map(a => a.name), names, manager);
    });

    it('lets no advisory be an option or a command', async () => {
      const { serious, fixes } = await exportsOf<Exports>(AUTO_REMEDIATION);
      assert.deepEqual(serious([{ name: '--config=x' }, { name: 'a b' }, { name: 'a;b' }, { name: '@scope/ok' }, { name: '@scope/ok' }]).map(a => a.name), ['@scope/ok']);
      assert.deepEqual(fixes('go', [{ name: 'a.b/c', fixed: 'v1.2.3' }, { name: 'a.b/d', fixed: '; rm' }]), [['go', 'get', 'a.b/c@v1.2.3'], ['go', 'mod', 'tidy']]);
      assert.deepEqual(fixes('cargo', [{ name: 'time' }]), [['cargo', 'update', '--package', 'time']]);
    });

    /** Runs it beside an npm that reports what it is told, first and afterwards. */
    function run(first: string, then: string): { status: number | null; out: string; output: string; summary: string; log: string } {
      const folder = mkdtempSync(path.join(tmpdir(), 'fix-')), file = (n: string): string => path.join(folder, n), text = (n: string): string => existsSync(file(n)) ? readFileSync(file(n), 'utf8') : '';
      try {
        writeFileSync(file('s.mjs'), AUTO_REMEDIATION);
        writeFileSync(file('1.json'), first);
        writeFileSync(file('2.json'), then);
        writeFileSync(file('npm'), '#!/bin/sh\necho "$@" >> log\ncase "$*" in "audit --json") if [ -f fixed ]; then cat 2.json; else cat 1.json; fi; exit 1;; "audit fix"*) touch fixed; exit 1;; esac\n');
        chmodSync(file('npm'), 0o755);
        const done = spawnSync(process.execPath, ['s.mjs', 'npm'], { cwd: folder, encoding: 'utf8',
          env: { PATH: `${folder}:/usr/bin:/bin`, GITHUB_OUTPUT: file('output'), GITHUB_STEP_SUMMARY: file('summary') } });
        return { status: done.status, out: done.stdout + done.stderr, output: text('output'), summary: text('summary'), log: text('log') };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
    const none = '{"vulnerabilities":{}}', bad = RECORDED['npm']![0];

    it('updates, looks again, and says what is left', () => {
      const mended = run(bad, none);
      assert.deepEqual([mended.status, mended.output, mended.log], [0, 'changed=true\n', 'audit --json\naudit fix --ignore-scripts\nci\naudit --json\n'], mended.out);
      assert.match(mended.summary, /Updated:\n- minimist/);
      assert.equal(run(bad, bad).output, 'changed=false\n');
      assert.deepEqual([run(none, none).output, run(none, none).log], ['changed=false\n', 'audit --json\n']);
    });

    it('fails aloud where the audit could not be read', () => {
      const broken = run('npm error network', none);
      assert.equal(broken.status, 1);
      assert.match(broken.out, /::error::the audit could not be read/);
    });
  });
});
