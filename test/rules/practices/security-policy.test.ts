import { practiceCases } from './support';

describe('security-policy', () => {
  practiceCases('security-policy', {
    met: { 'an address': { 'SECURITY.md': 'Write to security@example.org.' }, 'private reporting, elsewhere': { '.github/SECURITY.md': 'Please report a vulnerability in the Security tab.' },
      'other markup': { 'docs/SECURITY.rst': 'See https://example.org/report' } },
    partial: { 'no way to report': { 'SECURITY.md': 'We take security seriously.' } },
    missing: { nothing: {}, 'in a folder where GitHub doesn’t look': { 'src/SECURITY.md': 'security@example.org' }, 'another page': { 'SECURITY-NOTES.md': 'security@example.org' },
      'a workflow of that name': { '.github/workflows/SECURITY.md.yml': 'on: push\n' } },
    notApplicable: 'every repository can have a vulnerability',
  });
});
