import assert from 'node:assert/strict';
import { applies, planned } from './documents';
import { practiceCases, result, type Files } from './support';

const CI: Files = { '.github/workflows/ci.yml': 'on: pull_request\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test\n' };
const FULL = '# Controls\n\n| requirement | control |\n|---|---|\n| CC8.1 | branch protection |\n| CC7.1 | CodeQL |\n| CICD-SEC-3 | Dependabot |\n| A.8.32 | code review |\n| PR.PS-06 | tests in CI/CD |\n';

describe('compliance-map', () => {
  practiceCases('compliance-map', {
    met: {
      'a table of several standards': { ...CI, 'docs/compliance.md': FULL },
      'one standard, as CSV, CRLF': { ...CI, 'audit/osps.csv': 'OSPS-AC-04.01,workflow permissions\r\nOSPS-BR-06.01,signing\r\nOSPS-QA-03.01,checks\r\nOSPS-QA-07.01,review\r\nOSPS-VM-06.02,CodeQL\r\n' },
    },
    partial: { 'few of them': { ...CI, 'docs/security/slsa.md': 'Our pipeline reaches SLSA Build L2, and CICD-SEC-9 is dealt with.\n' } },
    missing: {
      'nothing': CI,
      'names without requirements': { ...CI, 'docs/compliance.md': 'Our pipelines comply with SOC 2, ISO 27001, NIST CSF, OWASP, CIS and the GDPR.\n' },
      'requirements of something else': { ...CI, 'docs/compliance.md': 'CC8.1 CC7.1 CC6.1 A.8.32 A.5.3: locked doors.\n' },
      'only in a comment': { ...CI, 'docs/compliance.md': `<!--\n${FULL}\n-->\n` },
      'a workflow that is called so': { '.github/workflows/compliance.yml': `# ${FULL.replaceAll('\n', ' ')}\non: push\njobs: {}\n` },
      'numbers that look alike': { ...CI, 'docs/audit.md': 'The workflow waits 8.1 s, step A.1.2.3.4 of CC and PR-1 to PR-9.\n' },
    },
    notApplicable: 'every repository has a pipeline or is to have one: a first workflow must not cost points',
  });

  it('is unknown where a map can not be read', () => {
    assert.equal(result('compliance-map', { ...CI, 'docs/compliance.md': undefined as unknown as string }), 'unknown');
  });

  it('is written from the repository, and meets itself', () => {
    const made = planned('compliance-map', CI);
    assert.ok(!('refused' in made));
    const after = applies(CI, made);
    assert.equal(result('compliance-map', after), 1);
    assert.ok('refused' in planned('compliance-map', after));
    assert.match((planned('compliance-map', { ...CI, 'docs/compliance.md': '# Ours\n' }) as { refused: string }).refused, /somebody wrote it/);
  });
});
