import { defineCommand } from 'citty';
import { PRACTICES } from '../../../rules';
import { oneOf } from '../arguments';
import { table } from '../formats/table';
import { write } from '../print';

export default defineCommand({
  meta: { name: 'practices', description: 'List the practices' },
  args: { format: { type: 'string', description: 'text | json', default: 'text' }, offline: { type: 'boolean', description: 'Never use the network' } },
  async run({ args }) {
    if (oneOf('--format', args.format, ['text', 'json'] as const) === 'json') {
      await write(JSON.stringify(PRACTICES.map(p => ({
        id: p.id, title: p.title, category: p.category, level: p.level, severity: p.severity, since: p.since, summary: p.docs.summary,
        scaffold: p.scaffold ? { kind: p.scaffold.kind, title: p.scaffold.title } : null,
      })), undefined, 2) + '\n');
      return;
    }
    await write(table(['practice', 'category', 'level', 'severity', 'can be added', 'title'],
      PRACTICES.map(p => [p.id, p.category, String(p.level), p.severity, p.scaffold ? p.scaffold.kind : '', p.title])));
  },
});
