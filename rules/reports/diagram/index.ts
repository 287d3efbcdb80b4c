/**
 * The pipelines of a repository as a Mermaid flowchart. Readers of Mermaid stop at 50,000 characters and 500 arrows: what doesn't fit
 * is left out and counted, never cut through.
 */
import type { Repository } from '../../repository';
import { drawnWorkflows, fileName, type DrawnJob, type DrawnWorkflow } from './model';
import { label } from './mermaid';

export interface DiagramOptions {
  /** Only this workflow, by its path, with the names of what it calls and waits for. */
  readonly workflow?: string;
}

/** Nodes and arrows that people and browsers still cope with. */
const MAX_NODES = 160;
const MAX_ARROWS = 320;
const MAX_TEXT = 40_000;
const MAX_JOBS = 60;

/**
 * A Mermaid flowchart of triggers, jobs, what they need, checks, deployments, environments and called workflows. Where everything is
 * too much, the workflows that deploy or test come first, and a note counts the others. Always a valid diagram, also of nothing.
 */
export function pipelineDiagram(repo: Repository, options: DiagramOptions = {}): string {
  return drawJobs(drawnWorkflows(repo), options.workflow);
}

/** The same with a node per workflow: what starts them, what they call, and where they deploy to. */
export function overviewDiagram(repo: Repository): string { return drawOverview(drawnWorkflows(repo)); }

class Drawing {
  readonly lines: string[] = [];
  readonly #environments = new Map<string, string>();
  readonly #classes = new Map<string, string[]>();
  #arrows = 0;
  #dropped = 0;

  line(text: string): void { this.lines.push(text); }

  node(id: string, [open, close]: readonly [string, string], lines: readonly string[], style?: string, indent = '  '): void {
    this.line(`${indent}${id}${open}"${label(...lines)}"${close}`);
    if (style) this.#classes.set(style, [...this.#classes.get(style) ?? [], id]);
  }

  arrow(from: string, to: string, text?: string, dotted = false): void {
    if (this.#arrows >= MAX_ARROWS) {
      this.#dropped++;
      return;
    }
    this.#arrows++;
    this.line(`  ${from} ${dotted ? '-.->' : '-->'}${text === undefined ? '' : `|"${label(text)}"|`} ${to}`);
  }

  environment(name: string): string {
    let id = this.#environments.get(name);
    if (id === undefined) {
      this.#environments.set(name, id = `e${this.#environments.size}`);
      this.node(id, SHAPES.environment, ['environment', name], 'environment');
    }
    return id;
  }

  text(): string {
    if (this.#dropped > 0) this.node('arrows', SHAPES.note, [`${this.#dropped} more arrows not shown`], 'note');
    const classes = [...this.#classes].map(([style, ids]) => `  class ${ids.join(',')} ${style}`);
    // Strokes alone: a fill that is right on white is wrong on black.
    const styles = [...this.#classes.keys()].map(style => `  classDef ${style} ${STYLES[style]!}`);
    return ['flowchart LR', ...this.lines, ...styles, ...classes, ''].join('\n');
  }
}

const SHAPES = {
  trigger: ['([', '])'], job: ['[', ']'], check: ['{{', '}}'], release: ['[[', ']]'], call: ['[/', '/]'], environment: ['[(', ')]'], note: ['>', ']'],
} as const;
const STYLES: Readonly<Record<string, string>> = {
  check: 'stroke:#2e7d32,stroke-width:2px', release: 'stroke:#b35900,stroke-width:3px', environment: 'stroke:#b35900,stroke-width:2px',
  note: 'stroke-dasharray:4 4',
};
const STYLE_OF: Readonly<Record<DrawnJob['kind'], string | undefined>> = { job: undefined, call: undefined, check: 'check', release: 'release' };

function drawJobs(all: readonly DrawnWorkflow[], only?: string): string {
  const drawing = new Drawing();
  const wanted = only === undefined ? all : all.filter(w => w.path === only);
  const cut = fitting(wanted);
  const at = new Map(cut.map(c => [c.workflow.path, `w${cut.indexOf(c)}`]));
  for (const { workflow, jobs, more } of cut) {
    const id = at.get(workflow.path)!;
    const title = workflow.title === fileName(workflow.path) ? [workflow.title] : [`${workflow.title} (${fileName(workflow.path)})`];
    drawing.line(`  subgraph ${id}["${label(...title)}"]`);
    if (workflow.triggers.length > 0) drawing.node(`${id}t`, SHAPES.trigger, workflow.triggers, undefined, '    ');
    jobs.forEach((job, i) => drawing.node(`${id}j${i}`, SHAPES[job.kind], job.lines, STYLE_OF[job.kind], '    '));
    if (more > 0) drawing.node(`${id}more`, SHAPES.note, [`${more} more ${more === 1 ? 'job' : 'jobs'} not shown`], 'note', '    ');
    drawing.line('  end');
  }
  const elsewhere = new Map<string, string>();
  for (const { workflow, jobs } of cut) {
    const id = at.get(workflow.path)!;
    const index = new Map(jobs.map((j, i) => [j.id, `${id}j${i}`]));
    for (const job of jobs) {
      const from = index.get(job.id)!;
      const needs = job.needs.map(n => index.get(n)).filter(n => n !== undefined);
      for (const need of needs) drawing.arrow(need, from);
      if (job.needs.length === 0 && workflow.triggers.length > 0) drawing.arrow(`${id}t`, from);
      if (job.environment !== undefined) drawing.arrow(from, drawing.environment(job.environment));
      // A workflow that calls itself would be an arrow from a box to the box that it stands in.
      const target = job.calls === undefined || job.calls === workflow.path ? undefined : at.get(job.calls);
      if (target !== undefined) drawing.arrow(from, target, 'calls', true);
      else if (job.calls !== undefined || job.callsElsewhere !== undefined) {
        const name = job.calls ?? job.callsElsewhere!;
        let node = elsewhere.get(name);
        if (node === undefined) {
          elsewhere.set(name, node = `x${elsewhere.size}`);
          drawing.node(node, SHAPES.call, ['workflow', name]);
        }
        drawing.arrow(from, node, 'calls', true);
      }
    }
    for (const before of workflow.after) {
      const source = at.get(before);
      if (source !== undefined && workflow.triggers.length > 0) drawing.arrow(source, `${id}t`, 'completed', true);
    }
  }
  const left = wanted.length - cut.length;
  if (left > 0) {
    const jobs = wanted.filter(w => !at.has(w.path)).reduce((n, w) => n + w.jobs.length, 0);
    drawing.node('left', SHAPES.note, [`${left} more ${left === 1 ? 'workflow' : 'workflows'} with ${jobs} ${jobs === 1 ? 'job' : 'jobs'} not shown`], 'note');
  }
  if (wanted.length === 0) drawing.node('none', SHAPES.note, ['no workflow'], 'note');
  return drawing.text();
}

function drawOverview(all: readonly DrawnWorkflow[]): string {
  const drawing = new Drawing();
  const drawn = ranked(all).slice(0, MAX_NODES / 2).sort((a, b) => (a.path < b.path ? -1 : 1));
  const at = new Map(drawn.map((w, i) => [w.path, `w${i}`]));
  const triggers = new Map<string, string>();
  for (const w of drawn) {
    const kind = w.jobs.some(j => j.kind === 'release') ? 'release' : w.jobs.some(j => j.kind === 'check') ? 'check' : 'job';
    drawing.node(at.get(w.path)!, SHAPES[kind], [fileName(w.path), ...(w.title === fileName(w.path) ? [] : [w.title]), `${w.jobs.length} ${w.jobs.length === 1 ? 'job' : 'jobs'}`], STYLE_OF[kind]);
  }
  for (const w of drawn) {
    const id = at.get(w.path)!;
    for (const event of new Set(w.triggers.map(t => t.split(':')[0]!).filter(e => e !== 'workflow_call' && !e.startsWith('and ')))) {
      if (event === 'workflow_run' && w.after.some(p => at.has(p))) continue;
      let node = triggers.get(event);
      if (node === undefined) {
        triggers.set(event, node = `t${triggers.size}`);
        drawing.node(node, SHAPES.trigger, [event]);
      }
      drawing.arrow(node, id);
    }
    for (const before of w.after) if (at.has(before)) drawing.arrow(at.get(before)!, id, 'completed', true);
    for (const called of new Set(w.jobs.map(j => j.calls))) if (called !== undefined && called !== w.path && at.has(called)) drawing.arrow(id, at.get(called)!, 'calls', true);
    for (const environment of new Set(w.jobs.map(j => j.environment))) if (environment !== undefined) drawing.arrow(id, drawing.environment(environment));
  }
  const left = all.length - drawn.length;
  if (left > 0) drawing.node('left', SHAPES.note, [`${left} more ${left === 1 ? 'workflow' : 'workflows'} not shown`], 'note');
  if (all.length === 0) drawing.node('none', SHAPES.note, ['no workflow'], 'note');
  return drawing.text();
}

/** What has to be there before the rest: what deploys or releases, then what checks, then what others call. */
function ranked(workflows: readonly DrawnWorkflow[]): DrawnWorkflow[] {
  const rank = (w: DrawnWorkflow): number => (w.jobs.some(j => j.kind === 'release') ? 0 : w.jobs.some(j => j.kind === 'check') ? 1 : w.started ? 2 : 3);
  return [...workflows].sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
}

interface Cut { readonly workflow: DrawnWorkflow; readonly jobs: readonly DrawnJob[]; /** Jobs left out. */ readonly more: number }

/** As many workflows as fit, by path; of one that doesn't fit by itself the first jobs. */
function fitting(workflows: readonly DrawnWorkflow[]): Cut[] {
  const chosen: Cut[] = [];
  let nodes = 0, arrows = 0, text = 0;
  for (const workflow of ranked(workflows)) {
    const jobs: DrawnJob[] = [];
    const own = { nodes: 2, arrows: workflow.after.length, text: 2 * label(workflow.path, ...workflow.triggers).length + 100 };
    for (const job of workflow.jobs) {
      const leads = Math.max(1, job.needs.length) + (job.environment ? 1 : 0) + (job.calls || job.callsElsewhere ? 1 : 0);
      const size = label(...job.lines, job.environment ?? '', job.calls ?? job.callsElsewhere ?? '').length + 60 + 25 * leads;
      if (jobs.length >= MAX_JOBS || own.text + size > MAX_TEXT) break;
      jobs.push(job);
      own.nodes++;
      own.arrows += leads;
      own.text += size;
    }
    if (chosen.length > 0 && (nodes + own.nodes > MAX_NODES || arrows + own.arrows > MAX_ARROWS || text + own.text > MAX_TEXT)) continue;
    nodes += own.nodes;
    arrows += own.arrows;
    text += own.text;
    chosen.push({ workflow, jobs, more: workflow.jobs.length - jobs.length });
  }
  return chosen.sort((a, b) => (a.workflow.path < b.workflow.path ? -1 : 1));
}
