import { practiceCases, workflow, type Files } from './support';

const CI: Files = { 'package.json': '{}', '.github/workflows/ci.yml': workflow('- run: make\n') };
const update = (ecosystem: string, more = '    cooldown:\n      default-days: 7\n'): string =>
  `  - package-ecosystem: ${ecosystem}\n    directory: /\n    schedule:\n      interval: weekly\n${more}`;
const bot = (updates: string): Files => ({ ...CI, '.github/dependabot.yml': `version: 2\nupdates:\n${updates}` });

describe('update-bot', () => {
  practiceCases('update-bot', {
    met: { 'Dependabot for all of it': bot(update('npm') + update('github-actions')),
      'Dependabot for actions, Renovate for the rest': { ...bot(update('github-actions')), 'renovate.json': '{"minimumReleaseAge":"7 days"}' }, 'Renovate with a preset that lies elsewhere': { ...CI, 'renovate.json': '{"extends":["config:recommended","github>octo-org/settings:bots#v2"]}' }, 'Renovate with a minimum age': { ...CI, 'renovate.json': '{"minimumReleaseAge":"7 days"}' } },
    partial: { 'two bots, one without a cooldown': { ...bot(update('github-actions', '')), 'renovate.json': '{"minimumReleaseAge":"7 days"}' },
      'two bots, the other without an age': { ...bot(update('github-actions')), 'renovate.json': '{}' },
      'no actions': bot(update('npm')), 'no cooldown': bot(update('npm', '') + update('github-actions', '')), 'Renovate without an age': { ...CI, '.github/renovate.json': '{"extends":["config:recommended"]}' } },
    missing: {
      'nothing': CI,
      'a file without settings': { ...CI, '.github/dependabot.yml': 'x: [\n' },
      'a file that Dependabot doesn’t read (decoy)': { ...CI, 'dependabot.yml': `version: 2\nupdates:\n${update('npm')}` },
      'an update that is spoken of': { ...CI, '.github/workflows/ci.yml': workflow('- name: Dependabot and Renovate\n  run: echo\n') },
    },
    notApplicable: 'whoever has nothing to update yet will have actions',
  });
});
