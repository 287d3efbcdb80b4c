import { defineCommand } from 'citty';
import { PRACTICES, RULES } from '../../../rules';
import { nearest } from '../../../rules/engine/suggest';
import { explain } from '../../docs';
import { pagesOnDisk } from '../../docs-on-disk';
import { CannotRun } from '../exit';
import { write } from '../print';

export default defineCommand({
  meta: { name: 'explain', description: 'Print the documentation of a rule or practice' },
  args: {
    id: { type: 'positional', required: true, description: 'Its id' },
    offline: { type: 'boolean', description: 'Never use the network' },
  },
  async run({ args }) {
    const markdown = explain(args.id, pagesOnDisk());
    if (markdown === undefined) {
      const near = nearest(args.id, [...RULES, ...PRACTICES].map(r => r.id));
      throw new CannotRun(`there is no rule or practice called ${JSON.stringify(args.id)}${near ? `; did you mean ${near}?` : ''}`);
    }
    await write(markdown);
  },
});
