/**
 * Follows what leaves a job: outputs of other jobs, variables of the workflow, inputs of called workflows and composite actions, in both
 * directions and across the files of the checkout. Circles end where they close, and the work is bounded.
 */
import { OwnMemo } from '../../../workflow/block-memo';
import { defineQuery, type World } from '../../../engine/rule';
import { taintOfPath } from '../../../catalog/contexts';
import type { SourceDocument } from '../../../workflow/document';
import { triggerFacts } from '../../../workflow/effective';
import type { ActionFile, Job, Step } from '../../../workflow/model';
import { asMapping, asScalar, type Entry } from '../../../workflow/nodes';
import { GUARD_NAMES, passageTo } from '../guards';
import { calledDocument, callSites, type CallSite } from './calls';
import { LocalTaint, localTaint, type Owner } from './local';
import { documentAt, jobAt, outputValue, stepAt } from './place';
import type { Address, Atom, Flow, Hop, Origin } from './types';

/** An event that can stand behind a file, and the file that names it where it is another one. */
export interface Reach { readonly event: string; readonly file?: string }

/** What one atom of this file comes from; the atom as JSON. */
export const atomFlows = defineQuery('taint.flows', (world, atom: string, job: string): readonly Flow[] => {
  const document = world.document;
  const owner = job === '' ? actionOwner(document) : jobAt(document, job);
  return owner ? new Resolver(world).flows(document, owner, JSON.parse(atom) as Atom, undefined) : [];
});

/** The events that set off this file, those of its callers in the checkout included. `workflow_call` stays where no caller is known. */
export const reachingEvents = defineQuery('taint.events', (world): readonly Reach[] => new Resolver(world).reach(world.document));

/** What is known about the values of an input of this file. */
export interface InputFacts {
  /** Text that somebody may choose: no number, truth value or one of a list. */
  readonly text: boolean;
  readonly flows: readonly Flow[];
  /** Callers in the checkout. */
  readonly callers: number;
  /** All of them pass something that is written there, or that nobody chooses (`runner.os`, a list of the matrix), or nothing. */
  readonly literal: boolean;
}

export const inputFacts = defineQuery('taint.input', (world, name: string): InputFacts => {
  const { document } = world, resolver = new Resolver(world);
  const sites = callSites(world, document.path);
  const owner = document.action ? actionOwner(document)! : EMPTY;
  const flows = resolver.flows(document, owner, { kind: 'input', name, hops: [], flat: false }, undefined);
  // A matrix that is made from an input is made by the repository's own workflows.
  const chosen = sites.some(({ document: from, job, step }) => passedAtoms(job ?? ownerOf(from.action!), (step ?? job)!, name)
    .some(a => a.kind !== 'input' || a.hops.every(h => h.at.part !== 'matrix')));
  return { text: isText(document, name), flows, callers: sites.length, literal: !chosen };
});

/** Inputs of a list, numbers and truth values are checked by GitHub; those of actions have no types. */
function isText(document: SourceDocument, name: string): boolean {
  if (document.action) return true;
  const declared = (document.workflow?.triggers ?? []).flatMap(t => t.inputs ?? []).filter(i => i.name.toLowerCase() === name.toLowerCase());
  return declared.length === 0 ? false : declared.some(i => i.type === undefined || i.type === 'string');
}

export function actionOwner(document: SourceDocument): Owner | undefined {
  return document.action && ownerOf(document.action);
}

const owners = new OwnMemo<ActionFile, Owner>();
export function ownerOf(action: ActionFile): Owner {
  return owners.get(action, a => ({ kind: 'action', notes: [], steps: a.steps }));
}

/** Whose inputs are meant while a called file is looked into. */
interface Binding { readonly document: SourceDocument; readonly owner: Owner; readonly outer: Binding | undefined; input(name: string): readonly Atom[] }

const MAX_WORK = 1500;
const MAX_FLOWS = 6;
const EMPTY: Owner = { kind: 'action', notes: [], steps: [] };

class Resolver {
  readonly #open = new Set<string>();
  #work = 0;

  constructor(private readonly world: World) {}

  flows(document: SourceDocument, owner: Owner, atom: Atom, binding: Binding | undefined): readonly Flow[] {
    if (++this.#work > MAX_WORK) return [];
    if (atom.kind === 'github' || atom.kind === 'origin') return this.#end(document, atom, binding);
    const key = `${document.path} ${owner.kind === 'job' ? owner.id : ''} ${binding?.document.path ?? ''} ${JSON.stringify({ ...atom, hops: 0 })}`;
    if (this.#open.has(key)) return [];
    this.#open.add(key);
    const flows = this.#further(document, owner, atom, binding);
    this.#open.delete(key);
    return distinct(flows);
  }

  #further(document: SourceDocument, owner: Owner, atom: Exclude<Atom, { kind: 'github' | 'origin' }>, binding: Binding | undefined): readonly Flow[] {
    switch (atom.kind) {
      case 'needs': {
        const job = jobAt(document, atom.job);
        if (!job) return [];
        if (job.uses) return this.#called(document, job, job, atom, binding);
        const found = localTaint(job).scalar(outputValue(job, atom.output), job.steps.length);
        const note = `output \`${atom.output}\` of job \`${job.id}\``;
        return this.#all(document, job, found, atom, { job: job.id, part: 'outputs', name: atom.output }, note, binding);
      }
      case 'env': {
        const variable = document.workflow?.env?.variables.findLast(v => v.name.toLowerCase() === atom.name.toLowerCase());
        const found = new LocalTaint(EMPTY).scalar(variable?.value, 0, 'workflow');
        return this.#all(document, EMPTY, found, atom, { part: 'env', name: variable?.name }, `\`${atom.name}\` is set from it`, binding);
      }
      case 'callee': return owner.steps[atom.step] ? this.#called(document, owner, owner.steps[atom.step]!, atom, binding) : [];
      case 'input': {
        if (binding) return binding.input(atom.name).flatMap(a => this.flows(binding.document, binding.owner, behind(a, atom), binding.outer));
        if (document.workflow && !isText(document, atom.name)) return [];
        return callSites(this.world, document.path).flatMap(site => this.#passed(site, atom));
      }
    }
  }

  /** What a caller passes. */
  #passed(site: CallSite, atom: Atom & { kind: 'input' }): readonly Flow[] {
    const owner: Owner = site.job ?? ownerOf(site.document.action!);
    const at: Address = { ...(site.job ? { job: site.job.id } : {}), ...(site.step ? { step: owner.steps.indexOf(site.step) } : {}), part: 'with', name: atom.name };
    const caller = site.step ?? site.job!;
    const note = `passed as \`${atom.name}\` to \`${caller.uses!.text}\``;
    return this.#all(site.document, owner, passedAtoms(owner, caller, atom.name), atom, at, note, undefined);
  }

  /** What a called workflow or action gives back, with the inputs that it is given here. */
  #called(document: SourceDocument, owner: Owner, caller: Step | Job, atom: Atom & { output: string }, binding: Binding | undefined): readonly Flow[] {
    const callee = caller.uses && calledDocument(this.world, caller.uses, caller.kind);
    const model = callee?.action ?? callee?.workflow;
    if (!callee || !model) return [];
    const inner: Owner = callee.action ? ownerOf(callee.action) : EMPTY;
    const found = (callee.action ? localTaint(inner) : new LocalTaint(EMPTY)).scalar(outputValue(model, atom.output), inner.steps.length);
    const at: Address = {
      ...(owner.kind === 'job' ? { job: owner.id } : {}), ...(caller.kind === 'step' ? { step: owner.steps.indexOf(caller) } : {}), part: 'with',
    };
    const passing = (name: string): Hop => ({ at: { ...at, name }, note: `passed as \`${name}\` to \`${caller.uses!.text}\`` });
    const bound: Binding = {
      document, owner, outer: binding,
      input: name => this.#tagged(document, passedAtoms(owner, caller, name).map(a => ({ ...a, hops: [...a.hops, passing(name)] }))),
    };
    const note = `output \`${atom.output}\` of \`${caller.uses!.text}\``;
    return this.#all(callee, inner, found, atom, { part: 'outputs', name: atom.output }, note, bound);
  }

  #all(document: SourceDocument, owner: Owner, atoms: readonly Atom[], to: Atom, at: Address, note: string, binding: Binding | undefined): readonly Flow[] {
    return atoms.flatMap(a => {
      const [tagged] = this.#tagged(document, [{ ...a, hops: [...a.hops, { at, note }] }]);
      return this.flows(document, owner, behind(tagged!, to), binding);
    });
  }

  /** Names the file of hops that stand in another one than the one that is looked at. */
  #tagged(document: SourceDocument, atoms: readonly Atom[]): readonly Atom[] {
    if (document.path === this.world.document.path) return atoms;
    return atoms.map(a => ({ ...a, hops: a.hops.map(h => h.at.file === undefined ? { ...h, at: { ...h.at, file: document.path } } : h) }));
  }

  #end(document: SourceDocument, atom: Atom & { kind: 'github' | 'origin' }, binding: Binding | undefined): readonly Flow[] {
    let outermost = document;
    for (let b = binding; b; b = b.outer) outermost = b.document;
    const events = this.reach(outermost).map(r => r.event);
    const origin = originOf(atom, events);
    if (!origin) return [];
    const open: string[] = [], stopped: string[] = [], guards = new Set<string>();
    for (const event of origin.events) {
      const closed = atom.hops.map(h => this.#passage(h, event)).find(p => p?.outsider === 'no');
      if (!closed) open.push(event);
      else {
        stopped.push(event);
        for (const g of closed.guards) guards.add(GUARD_NAMES[g]);
      }
    }
    return [{ origin: { ...origin, flat: origin.flat || atom.flat }, events: open, stopped, guards: [...guards], hops: atom.hops }];
  }

  #passage({ at }: Hop, event: string): ReturnType<typeof passageTo> | undefined {
    if (at.job === undefined && at.step === undefined) return undefined;
    const document = documentAt(this.world, at.file);
    return passageTo(jobAt(document, at.job), stepAt(document, at), event);
  }

  reach(document: SourceDocument, seen = new Set<string>()): readonly Reach[] {
    if (seen.has(document.path)) return [];
    seen.add(document.path);
    const file = document.path === this.world.document.path ? {} : { file: document.path };
    const own = triggerFacts(document.workflow).events;
    const found: Reach[] = own.filter(e => e !== 'workflow_call').map(event => ({ event, ...file }));
    if (document.action || own.includes('workflow_call')) {
      const sites = callSites(this.world, document.path);
      const callers = new Map(sites.map(s => [s.document.path, s.document]));
      for (const caller of callers.values()) found.push(...this.reach(caller, seen));
      if (sites.length === 0 && own.includes('workflow_call')) found.push({ event: 'workflow_call', ...file });
    }
    return found.filter((r, i) => found.findIndex(o => o.event === r.event) === i);
  }
}

/** One atom's way, put in front of another's. */
function behind(first: Atom, then: Atom): Atom {
  return { ...first, flat: first.flat || then.flat, hops: [...first.hops, ...then.hops] };
}

function passedAtoms(owner: Owner, caller: Step | Job, name: string): readonly Atom[] {
  const local = localTaint(owner);
  if (caller.kind === 'step') return local.input(caller, name);
  return local.scalar(asScalar(passedEntry(caller, name)?.value), 0, 'workflow');
}

function passedEntry(caller: Step | Job, name: string): Entry | undefined {
  return asMapping(caller.with?.value)?.entries.find(e => e.key.value.toLowerCase() === name.toLowerCase());
}

function originOf(atom: Atom & { kind: 'github' | 'origin' }, events: readonly string[]): Origin | undefined {
  if (atom.kind === 'github') {
    const taint = taintOfPath(atom.path, atom.serialised, events.length > 0 ? events : undefined, { start: 0, end: 0 });
    return taint && { what: taint.path, kind: taint.kind, who: taint.who, flat: atom.flat, events: taint.events };
  }
  const { origin } = atom;
  const carried = origin.events.includes('*') ? events : events.filter(e => e === 'workflow_call' || origin.events.includes(e));
  return events.length > 0 && carried.length === 0 ? undefined : { ...origin, events: carried };
}

function distinct(flows: readonly Flow[]): readonly Flow[] {
  const found = new Map<string, Flow>();
  for (const flow of flows) {
    const key = `${flow.origin.what} ${flow.events.join()}`, known = found.get(key);
    if (!known || flow.hops.length < known.hops.length) found.set(key, flow);
  }
  return [...found.values()].slice(0, MAX_FLOWS);
}
