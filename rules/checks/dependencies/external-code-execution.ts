import { defineRule } from '../../engine/rule';
import { deleteEntry } from '../../workflow/edits';
import { getEntry, scalarText } from '../../workflow/nodes';
import { ecosystemOf } from '../shared/dependabot';

export default defineRule({
  id: 'external-code-execution',
  category: 'dependencies',
  severity: 'medium',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 0,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds Dependabot updates that may run code from manifests, of dependencies too.',
    why: 'Code in a manifest then runs with the credentials of the private registries that the update has.',
    references: [
      'https://docs.github.com/en/code-security/dependabot/working-with-dependabot/dependabot-options-reference#insecure-external-code-execution-',
    ],
    standards: ['SEC-3'],
  },
  messages: {
    allowed: '{ecosystem} updates may run code that stands in manifests, of dependencies too{registries}. Remove the key unless updates fail without it.',
  },
  aliases: { zizmor: ['dependabot-execution'] },
  create(context) {
    return {
      update(update) {
        context.instance();
        const entry = getEntry(update.node, 'insecure-external-code-execution');
        if (!entry || scalarText(entry.value) !== 'allow') return;
        const registries = getEntry(update.node, 'registries') !== undefined;
        context.report({
          at: entry, messageId: 'allowed',
          data: { ecosystem: ecosystemOf(update), registries: registries ? ', with the credentials of private registries at hand' : '' },
          fixes: [{
            title: 'Remove insecure-external-code-execution', safety: 'unsafe', preferred: true,
            edits: ({ document }) => deleteEntry(document, entry, update.node),
          }],
        });
      },
    };
  },
});
