import assert from 'node:assert/strict';
import { applies, planned } from './documents';
import { practiceCases, result, type Files } from './support';

const CI: Files = { '.github/workflows/ci.yml': 'on: pull_request\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test\n' };
const STRIDE = 'Spoofing, tampering, repudiation, information disclosure, denial of service and elevation of privilege.';
const THREATS = 'Script injection from pull requests, a compromised action, secrets that leak into logs, OIDC tokens, cache poisoning.';
const FULL = `# Threat model\n\nOf our GitHub Actions workflows, by STRIDE. ${STRIDE}\n\n${THREATS}\n`;

describe('threat-model', () => {
  practiceCases('threat-model', {
    met: {
      'a page of the docs': { ...CI, 'docs/threat-model.md': FULL },
      'an assurance case': { ...CI, 'docs/assurance-case.md': FULL },
      'other words, elsewhere, CRLF': { ...CI, 'security/pipeline.adoc': '= Threats to the CI/CD pipeline\r\n\r\nSpoofed commits, tampered artifacts, data disclosure, DoS, privilege escalation.\r\n\r\nPwn requests; hijacked dependencies; stolen secrets; the GITHUB_TOKEN; rogue maintainers.\r\n' },
    },
    partial: {
      'threats without STRIDE': { ...CI, 'docs/threat-model.md': `# Threat model of the pipeline\n\n${THREATS}\n` },
      'few kinds': { ...CI, 'docs/threats.md': `# Pipeline\n\nTampering and spoofing. Script injection; compromised actions.\n` },
    },
    missing: {
      'nothing': CI,
      'only a policy': { ...CI, 'SECURITY.md': FULL },
      'a threat model of the product': { ...CI, 'docs/threat-model.md': `# Threat model of the app\n\n${STRIDE}\n\nSQL injection, stolen passwords.\n` },
      'a name and nothing in it': { ...CI, 'docs/threat-model.md': '# Threat model\n\nTo do.\n' },
      'only in a comment': { ...CI, 'docs/threat-model.md': `# Threat model\n<!-- ${FULL} -->\n` },
      'settings of a scanner': { ...CI, '.github/workflows/security.yml': `# ${STRIDE} ${THREATS} workflow\non: push\njobs: {}\n` },
      'in somebody else’s code': { ...CI, 'vendor/x/docs/threat-model.md': FULL },
    },
    notApplicable: 'every repository has a pipeline or is to have one: a first workflow must not cost points',
  });

  it('is unknown where a threat model can not be read', () => {
    assert.equal(result('threat-model', { ...CI, 'docs/threat-model.md': undefined as unknown as string }), 'unknown');
    assert.equal(result('threat-model', { ...CI, 'docs/assurance-case.md': undefined as unknown as string }), 'unknown');
  });

  it('survives hostile text', () => {
    const text = `${'workflow secrets a '.repeat(9000)} STRIDE `;
    assert.equal(typeof result('threat-model', { ...CI, 'docs/threat-model.md': text }), 'number');
  });

  it('is written from the repository, and meets itself', () => {
    const made = planned('threat-model', CI);
    assert.ok(!('refused' in made));
    const after = applies(CI, made);
    assert.equal(result('threat-model', after), 1);
    assert.ok('refused' in planned('threat-model', after));
    assert.match((planned('threat-model', { ...CI, 'docs/threat-model.md': '# Ours\n' }) as { refused: string }).refused, /somebody wrote it/);
    assert.match((planned('threat-model', {}) as { refused: string }).refused, /no workflow yet/);
  });
});
