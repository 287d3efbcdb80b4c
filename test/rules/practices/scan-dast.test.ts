import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { asMapping, asSequence, getValue, scalarText } from '../../../rules/workflow/nodes';
import { parseSource } from '../../../rules/workflow/parse';
import { practice, practiceCases, repository, workflow, type Files } from './support';

const CI = '.github/workflows/ci.yml';
const web = (steps: string, extra?: Parameters<typeof workflow>[1]): Files => ({ Dockerfile: 'FROM node:24\nEXPOSE 3000\n', [CI]: workflow(steps, extra) });
const ZAP = '- uses: zaproxy/action-baseline@v0.15.0\n  with:\n    target: http://localhost:3000\n';

describe('scan-dast', () => {
  practiceCases('scan-dast', {
    met: {
      'ZAP that fails': web(`${ZAP}    fail_action: true\n`),
      'ZAP in a container': web('- run: docker run --network host ghcr.io/zaproxy/zaproxy:stable zap-baseline.py -t http://localhost:3000\n'),
      'Nuclei every night': web('- run: nuclei -u https://staging.example.org\n', { on: 'on:\n  schedule:\n    - cron: 1 2 * * *' }),
    },
    partial: { 'ZAP that writes an issue': web(ZAP) },
    missing: {
      nothing: { 'api/Dockerfile': 'FROM x\nEXPOSE 8080/tcp\n' },
      'somebody has to start it': web(`${ZAP}    fail_action: true\n`, { on: 'on: workflow_dispatch' }),
      'switched off': web(`${ZAP}    fail_action: true\n  if: false\n`),
      'swallowed': web('- run: nuclei -u http://localhost || true\n'),
      'a name alone': web('- name: OWASP ZAP\n  run: curl http://localhost\n'),
    },
    notApplicable: { 'nothing serves': { Dockerfile: 'FROM x\nEXPOSE 5432\n' }, 'somebody else’s interface': { 'openapi.yaml': 'openapi: 3.1.0\n' } },
  });

  it('waits for the service, and gives up with its log', () => {
    const plan = practice('scan-dast').scaffold!.plan(repository({ Dockerfile: 'FROM x\nEXPOSE 3000\n' }));
    assert.ok(!('refused' in plan));
    const { path, newText } = plan.changes[0]!;
    const job = parseSource(path, newText).workflow!.jobs.find(j => j.id === 'dast-zap')!;
    const script = job.steps.find(s => scalarText(s.name?.value) === 'Start the service')!.run!.scalar.value;
    const run = (curl: string): { status: number | null; stdout: string } =>
      spawnSync('bash', ['-e', '-c', `docker() { echo "docker $*"; }\nsleep() { :; }\ncurl() { ${curl}; }\n${script}`], { encoding: 'utf8' });
    const up = run('return 0');
    assert.equal(up.status, 0);
    assert.match(up.stdout, /--publish 127\.0\.0\.1:8080:3000/);
    const down = run('return 7');
    assert.equal(down.status, 1);
    assert.match(down.stdout, /attempt 30\)\ndocker logs service\n$/);
    assert.ok(asSequence(getValue(asMapping(job.node), 'steps')));
  });
});
