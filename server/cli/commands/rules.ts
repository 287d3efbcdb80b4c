import { defineCommand } from 'citty';
import { RULES } from '../../../rules';
import { oneOf } from '../arguments';
import { write } from '../print';
import { table } from '../formats/table';

export default defineCommand({
  meta: { name: 'rules', description: 'List the rules' },
  args: { format: { type: 'string', description: 'text | json', default: 'text' }, offline: { type: 'boolean', description: 'Never use the network' } },
  async run({ args }) {
    if (oneOf('--format', args.format, ['text', 'json'] as const) === 'json') {
      await write(JSON.stringify(RULES.map(r => ({
        id: r.id, category: r.category, severity: r.severity, confidence: r.confidence, profile: r.profile, scope: r.scope, level: r.level, since: r.since,
        fix: r.fix, aliases: r.aliases ?? {}, standards: r.docs.standards ?? [], summary: r.docs.summary,
        options: Object.fromEntries(Object.entries(r.options ?? {}).map(([name, o]) => [name, o as unknown])),
      })), undefined, 2) + '\n');
      return;
    }
    await write(table(['rule', 'category', 'severity', 'profile', 'fix', 'finds'], RULES.map(r => [r.id, r.category, r.severity, r.profile, r.fix, r.docs.summary])));
  },
});
