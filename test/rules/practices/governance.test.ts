import assert from 'node:assert/strict';
import { createRepository } from '../../../rules/repository';
import { practice, practiceCases, repository } from './support';

const ALL = '# Governance\n\nDecisions are made by lazy consensus. Two maintainers approve a release. In an emergency one may act alone.\n';

describe('governance', () => {
  practiceCases('governance', {
    met: {
      'a page at the root': { 'GOVERNANCE.md': ALL },
      'a page of maintainers deep in the docs': { 'docs/content/contributing/maintainers-guidelines.md': ALL },
      'a page in docs, with maintainers in another': { 'docs/governance.md': 'A majority vote decides. Urgent security fixes go first.',
        'MAINTAINERS.md': 'Maintainers are those who can approve changes.' },
    },
    partial: { 'nothing about emergencies': { 'GOVERNANCE.md': 'Decisions are made by vote. Maintainers approve pull requests.' } },
    missing: {
      'nothing': {},
      'names alone (decoy)': { 'MAINTAINERS.md': '- Ada\n- Grace\n' },
      'an empty page': { 'GOVERNANCE.md': '' },
      'in a comment': { 'GOVERNANCE.md': `<!-- ${ALL} -->` },
    },
    notApplicable: 'decisions are made everywhere',
  });

  it('does not know what pages of maintainers say that it can not read', () => {
    const result = (...files: string[]) => practice('governance').evidence(createRepository(files, () => undefined)).result;
    assert.equal(result('docs/content/contributing/maintainers-guidelines.md'), 'unknown');
    assert.equal(result('docs/contributing/maintainers.md'), 'unknown');
    assert.equal(result('docs/contributing/thank-you-maintainers.md', 'src/maintainers.md'), 0);
  });
  it('names the owner that CODEOWNERS knows, and asks for one where it knows none', () => {
    const plan = (codeowners?: string) => {
      const made = practice('governance').scaffold!.plan(repository(codeowners === undefined ? {} : { CODEOWNERS: codeowners }));
      assert.ok(!('refused' in made));
      return made;
    };
    assert.match(plan('* @org/ops\n').changes[0]!.newText, /\(@org\/ops\)/);
    assert.ok(plan().todo.some(t => t.startsWith('Replace ')));
  });
});
