import { defineCommand } from 'citty';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { audit, auditHtml, auditMarkdown, complianceDocument, complianceMap, readBaseline, type Baseline } from '../../../rules/reports';
import { assessmentOf } from '../../workspace/score';
import { finish, oneOf } from '../arguments';
import { CannotRun, EXIT } from '../exit';
import { write } from '../print';
import { openRepository } from '../repository';

const FORMATS = ['md', 'markdown', 'html', 'json'] as const;
const SECTIONS = ['all', 'compliance'] as const;

export default defineCommand({
  meta: { name: 'report', description: 'Write an audit report: scores and gaps, severe findings, strengths, a plan, standards' },
  args: {
    path: { type: 'positional', required: false, description: 'The repository (default: the current folder)' },
    format: { type: 'string', description: 'md | html | json; a later report can be compared with the JSON', default: 'md' },
    section: { type: 'string', description: `${SECTIONS.join(' | ')}: the audit, or what was seen for each requirement of nine standards`, default: 'all' },
    baseline: { type: 'string', description: 'The JSON of an earlier report or score to compare with' },
    target: { type: 'string', description: 'Level aimed at, 2 to 5; counts before the targets of the configuration' },
    'file-list': { type: 'string', description: 'Names of files that exist but are not checked out, one a line' },
    offline: { type: 'boolean', description: 'Never use the network (reporting never does)' },
  },
  async run({ args }) {
    const format = oneOf('--format', args.format, FORMATS), section = oneOf('--section', args.section, SECTIONS);
    const target = args.target === undefined ? undefined : Number(oneOf('--target', args.target, ['2', '3', '4', '5'] as const));
    if (args._.length > 1) throw new CannotRun('report takes one path');
    const baseline = args.baseline === undefined ? undefined : earlier(args.baseline);
    const { target: at } = await openRepository(args.path ?? '.', { fileList: args['file-list'] });
    const assessment = assessmentOf(at.state)!;
    finish(EXIT.ok);
    if (section === 'compliance') {
      const { repo, card, findings } = assessment;
      if (format === 'html' || baseline || target !== undefined) throw new CannotRun('--section compliance is written as md or json, without --baseline and --target');
      await write(format === 'json' ? `${JSON.stringify({ version: 1, standards: complianceMap(repo, card, findings) }, undefined, 2)}\n` : complianceDocument(repo, card, findings));
      return;
    }
    const made = audit(assessment, {
      name: basename(at.state.root), date: new Date().toISOString().slice(0, 10), targets: at.state.configFor('').config.targets,
      ...(target === undefined ? {} : { target }), ...(baseline ? { baseline } : {}),
    });
    await write(format === 'json' ? `${JSON.stringify(made, undefined, 2)}\n` : format === 'html' ? auditHtml(made) : auditMarkdown(made));
  },
});

function earlier(file: string): Baseline {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new CannotRun(`${file} can't be read`);
  }
  let data: unknown;
  try {
    data = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new CannotRun(`${file} is no JSON`);
  }
  const baseline = readBaseline(data);
  if (!baseline) throw new CannotRun(`${file} is no report of ci-hardening: make one with ci-hardening report --format json`);
  return baseline;
}
