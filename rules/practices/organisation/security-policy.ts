import { definePractice, type Verdict } from '../practice';
import type { Repository } from '../../repository';
import { met, missing } from '../shared/verdict';

/** Where GitHub looks. */
const PATHS = /^(?:\.github\/|docs\/)?SECURITY(?:\.md|\.rst|\.txt|\.adoc)?$/i;
const CONTACT = /@[\w.-]+\.[a-z]{2,}|https?:\/\/|security advisor(?:y|ies)|private(?:ly)? (?:vulnerability )?report|report a vulnerability/i;

function evidence(repo: Repository): Verdict {
  const path = repo.files.find(f => PATHS.test(f));
  if (!path) return missing('SECURITY.md at the root, in .github/ or in docs/: one of the whole organisation, in its repository .github, can’t be seen from here');
  const text = repo.read(path);
  if (text === undefined) return met([{ path, text: 'a security policy' }]);
  const contact = CONTACT.exec(text.slice(0, 100_000));
  if (contact) return met([{ path, start: contact.index, end: contact.index + contact[0].length,
    text: 'a security policy that says where to report' }]);
  return { result: 0.5, evidence: [{ path, text: 'a security policy' }],
    lookedFor: ['an address, a link or private vulnerability reporting: the policy names no way to report'] };
}

const TEXT = `# Security policy

## Supported versions

Security fixes are made for the latest release. Please update before you report.

## Reporting a vulnerability

Please report vulnerabilities privately: open the **Security** tab of this repository on GitHub and choose
**Report a vulnerability**. Please do not open a public issue, and do not include secrets or personal data.

Tell us what you found, how to reproduce it, which version it affects, and what an attacker could do with it.

## What happens then

- We confirm that we have received the report within three working days.
- We tell you within ten working days whether we can reproduce it and what we plan to do.
- We publish a fix and an advisory together, and name you in it unless you would rather not be named.
- Please give us 90 days before you publish details yourself.
`;

export default definePractice({
  id: 'security-policy',
  title: 'Security policy',
  category: 'Organisation',
  level: 2,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'A SECURITY.md says where to report a vulnerability and what happens then.',
    why: 'Somebody who finds a hole and no private way to report it will report it in public, or not at all.',
    references: [
      'https://docs.github.com/en/code-security/getting-started/adding-a-security-policy-to-your-repository',
      'https://docs.github.com/en/code-security/security-advisories/working-with-repository-security-advisories/configuring-private-vulnerability-reporting-for-a-repository',
      'https://baseline.openssf.org/versions/2025-02-25#osps-vm-02---the-project-must-provide-contact-information',
    ],
  },
  applies: () => true,
  evidence,
  scaffold: {
    kind: 'file',
    title: 'Add a security policy',
    plan(repo) {
      const there = repo.files.find(f => PATHS.test(f));
      if (there) return { refused: `There is a security policy already: ${there}.` };
      return {
        changes: [{ path: 'SECURITY.md', created: true, newText: TEXT }],
        explanation: 'Adds SECURITY.md with a private way to report vulnerabilities and what reporters may expect.',
        todo: ['Turn on private vulnerability reporting (Settings → Security), or name another private contact.',
          'Check that the promised times are ones you can keep.'],
      };
    },
  },
});
