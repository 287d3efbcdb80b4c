import { defineCommand } from 'citty';
import { threatDocument, threatModel } from '../../../rules/reports';
import { assessmentOf } from '../../workspace/score';
import { finish, oneOf } from '../arguments';
import { CannotRun, EXIT } from '../exit';
import { write } from '../print';
import { openRepository } from '../repository';

const FORMATS = ['markdown', 'json'] as const;

export default defineCommand({
  meta: { name: 'threat-model', description: 'Write down what threatens the pipelines of a repository, what stands against it and what is open' },
  args: {
    path: { type: 'positional', required: false, description: 'The repository (default: the current folder)' },
    format: { type: 'string', description: FORMATS.join(' | '), default: 'markdown' },
    'file-list': { type: 'string', description: 'Names of files that exist but are not checked out, one a line' },
    offline: { type: 'boolean', description: 'Never use the network (this never does)' },
  },
  async run({ args }) {
    const format = oneOf('--format', args.format, FORMATS);
    if (args._.length > 1) throw new CannotRun('threat-model takes one path');
    const { target } = await openRepository(args.path ?? '.', { fileList: args['file-list'] });
    const { repo, card, findings } = assessmentOf(target.state)!;
    await write(format === 'markdown' ? threatDocument(repo, card, findings)
      : `${JSON.stringify({ version: 1, threats: threatModel(repo, card, findings) }, undefined, 2)}\n`);
    finish(EXIT.ok);
  },
});
