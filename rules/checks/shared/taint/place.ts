/** From a place's name to where it stands now. */
import type { Locator, World } from '../../../engine/rule';
import type { SourceDocument } from '../../../workflow/document';
import type { ActionFile, EnvMap, Job, Step, Workflow } from '../../../workflow/model';
import { asMapping, asScalar, getEntry, type Span } from '../../../workflow/nodes';
import { valueRangeSpan } from '../../../workflow/scalar-map';
import { githubScript } from './local';
import type { Address } from './types';

/** The document at a path, as it is in the editor where it is the one that is looked at. */
export function documentAt(world: World, path: string | undefined): SourceDocument | undefined {
  return path === undefined || path === world.document.path ? world.document : world.repository?.document(path);
}

export function jobAt(document: SourceDocument | undefined, id: string | undefined): Job | undefined {
  return id === undefined ? undefined : document?.workflow?.jobs.find(j => j.id.toLowerCase() === id.toLowerCase());
}

export function stepAt(document: SourceDocument | undefined, at: Address): Step | undefined {
  if (at.step === undefined) return undefined;
  return at.job === undefined ? document?.action?.steps[at.step] : jobAt(document, at.job)?.steps[at.step];
}

export function locate(at: Address): Locator {
  return world => {
    const document = documentAt(world, at.file);
    const span = document && spanOf(document, at);
    return span && { path: document.path, ...document.range(span) };
  };
}

function spanOf(document: SourceDocument, at: Address): Span | undefined {
  const job = jobAt(document, at.job), step = stepAt(document, at);
  if ((at.job !== undefined && !job) || (at.step !== undefined && !step)) return undefined;
  switch (at.part) {
    case 'env': return variable(step?.env ?? job?.env ?? document.workflow?.env, at.name);
    case 'with': return input(step ?? job, at.name);
    case 'outputs': return output(job ?? document.workflow ?? document.action, at.name);
    case 'run': case 'script': {
      const scalar = step?.run?.scalar ?? githubScript(step);
      return scalar && at.start !== undefined && at.end !== undefined ? valueRangeSpan(scalar, at.start, at.end) : undefined;
    }
    case 'uses': return (step?.uses ?? job?.uses)?.scalar ?? step?.run?.entry.key;
    case 'matrix': return getEntry(job?.strategy?.value, 'matrix')?.key;
    case 'on': return document.workflow?.triggers.find(t => t.event === at.name)?.node;
  }
}

function variable(env: EnvMap | undefined, name: string | undefined): Span | undefined {
  return env?.variables.findLast(v => v.name === name)?.entry;
}

function input(of: Step | Job | undefined, name: string | undefined): Span | undefined {
  return asMapping(of?.with?.value)?.entries.find(e => e.key.value.toLowerCase() === name?.toLowerCase());
}

function output(of: Job | Workflow | ActionFile | undefined, name: string | undefined): Span | undefined {
  const outputs = of?.kind === 'workflow' ? of.triggers.find(t => t.event === 'workflow_call')?.outputs : asMapping(of?.outputs?.value)?.entries;
  return outputs?.find(e => e.key.value.toLowerCase() === name?.toLowerCase());
}

/** The value of an output: of a job as it stands, of a workflow or action below `value`. */
export function outputValue(of: Job | Workflow | ActionFile, name: string): ReturnType<typeof asScalar> {
  const outputs = of.kind === 'workflow' ? of.triggers.find(t => t.event === 'workflow_call')?.outputs : asMapping(of.outputs?.value)?.entries;
  const entry = outputs?.find(e => e.key.value.toLowerCase() === name.toLowerCase());
  return asScalar(of.kind === 'job' ? entry?.value : getEntry(entry?.value, 'value')?.value);
}
