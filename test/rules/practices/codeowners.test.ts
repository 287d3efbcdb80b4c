import { practiceCases, workflow, type Files } from './support';

const CI: Files = { '.github/workflows/ci.yml': workflow('- run: make\n') };

describe('codeowners', () => {
  practiceCases('codeowners', {
    met: { 'an owner of everything': { ...CI, CODEOWNERS: '* @a\n' }, 'an owner of .github': { ...CI, '.github/CODEOWNERS': '/.github/ @org/ops\n' } },
    partial: { 'one file is taken away': { ...CI, '.github/workflows/b.yml': workflow('- run: make\n'), CODEOWNERS: '* @a\n.github/workflows/b.yml\n' } },
    missing: {
      'nothing': CI,
      'owners of the code alone': { ...CI, CODEOWNERS: '/src/ @a\n' },
      'a rule that is a comment (decoy)': { ...CI, CODEOWNERS: '# * @a\n' },
      'a place that GitHub doesn’t read': { ...CI, 'config/CODEOWNERS': '* @a\n' },
      'taken away by the last rule': { ...CI, CODEOWNERS: '* @a\n/.github/\n' },
    },
    notApplicable: 'every repository has a pipeline, or will have one',
  });
});
