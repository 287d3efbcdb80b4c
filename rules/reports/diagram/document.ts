/** The page that is committed: diagrams with what their shapes mean. */
import type { Repository } from '../../repository';
import { code, count, text } from '../markdown';
import { drawnWorkflows } from './model';
import { overviewDiagram, pipelineDiagram } from './index';

/** Above this one picture of everything can't be read any more. */
const ONE_PICTURE_JOBS = 30;
const ONE_PICTURE_WORKFLOWS = 8;
const MAX_SECTIONS = 60;

const LEGEND = 'Rounded: what starts a workflow. Hexagon: a job that checks (tests, linters, scans). Double frame: a job that deploys, publishes or releases. '
  + 'Slanted: a call of another workflow. Cylinder: an environment. Jobs without a mark build or prepare something, or nothing here says what they do.';

/** Markdown with a diagram of all jobs; an overview and a diagram per workflow where there are many. */
export function pipelineDocument(repo: Repository): string {
  const workflows = drawnWorkflows(repo);
  const jobs = workflows.reduce((n, w) => n + w.jobs.length, 0);
  const out = [
    '# Pipeline', '',
    `${count(workflows.length, 'workflow')} with ${count(jobs, 'job')} in ${code('.github/workflows')}, drawn from the files themselves. `
    + `Made by ${code('ci-hardening diagram --format markdown')}; make it again when workflows change.`, '',
    LEGEND, '',
  ];
  const one = jobs <= ONE_PICTURE_JOBS && workflows.length <= ONE_PICTURE_WORKFLOWS;
  if (one) out.push(...fence(pipelineDiagram(repo)));
  else {
    out.push('## Overview', '', ...fence(overviewDiagram(repo)));
    for (const w of workflows.slice(0, MAX_SECTIONS)) out.push('', `## ${text(w.title)}`, '', code(w.path), '', ...fence(pipelineDiagram(repo, { workflow: w.path })));
    const left = workflows.slice(MAX_SECTIONS);
    if (left.length > 0) out.push('', '## Not drawn', '', ...left.map(w => `- ${code(w.path)}: ${w.jobs.map(j => code(j.id)).join(', ')}`));
  }
  return `${out.join('\n')}\n`;
}

function fence(diagram: string): string[] { return ['```mermaid', ...diagram.trimEnd().split('\n'), '```']; }
