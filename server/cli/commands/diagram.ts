import { defineCommand } from 'citty';
import { pipelineDiagram } from '../../../rules/reports/diagram';
import { pipelineDocument } from '../../../rules/reports/diagram/document';
import { finish, oneOf } from '../arguments';
import { CannotRun, EXIT } from '../exit';
import { write } from '../print';
import { openRepository } from '../repository';

const FORMATS = ['mermaid', 'markdown'] as const;

export default defineCommand({
  meta: { name: 'diagram', description: 'Draw the pipelines of a repository as a Mermaid flowchart' },
  args: {
    path: { type: 'positional', required: false, description: 'The repository (default: the current folder)' },
    format: { type: 'string', description: `${FORMATS.join(' | ')}: a diagram, or a page with an overview and a diagram per workflow`, default: 'mermaid' },
    workflow: { type: 'string', description: 'Draw this workflow alone, by its path in the repository' },
    offline: { type: 'boolean', description: 'Never use the network (drawing never does)' },
  },
  async run({ args }) {
    const format = oneOf('--format', args.format, FORMATS);
    if (args._.length > 1) throw new CannotRun('diagram takes one path');
    if (args.workflow !== undefined && format === 'markdown') throw new CannotRun('--workflow draws one diagram: leave out --format markdown');
    const { repository } = await openRepository(args.path ?? '.');
    if (args.workflow !== undefined && !repository.document(args.workflow)?.workflow) throw new CannotRun(`there is no workflow at ${args.workflow}`);
    await write(format === 'markdown' ? pipelineDocument(repository) : pipelineDiagram(repository, args.workflow === undefined ? {} : { workflow: args.workflow }));
    finish(EXIT.ok);
  },
});
