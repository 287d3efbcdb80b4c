/** What checks of the graph ask about other files of the checkout, and about the file as a whole. */
import { defineQuery } from '../../../engine/rule';
import type { InputDecl } from '../../../workflow/model';
import { asMapping, getEntry, scalarText, type Entry } from '../../../workflow/nodes';
import { localDocument } from '../../shared/local-actions';

/** A name that a call may give or has to give. */
export interface Slot { readonly name: string; readonly required: boolean }

/** What a reusable workflow of the checkout takes and gives. Null where the checkout is not known, or the file can't be read. */
export interface Callee {
  readonly kind: 'workflow' | 'missing' | 'closed';
  readonly inputs: readonly Slot[];
  readonly secrets: readonly Slot[];
  readonly outputs: readonly string[];
}

const NOTHING = { inputs: [], secrets: [], outputs: [] };

const slot = (input: InputDecl): Slot => ({ name: input.name, required: input.required && input.default === undefined });
const secretSlot = (entry: Entry): Slot => ({ name: entry.key.value, required: scalarText(getEntry(entry.value, 'required')?.value)?.toLowerCase() === 'true' });

/** `path` as it stands behind `./` or `$/`. */
export const callee = defineQuery('graph-invalid.callee', ({ repository }, path: string): Callee | null => {
  if (!repository || !/^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)) return null;
  if (!repository.has(path)) return repository.files.length > 1 ? { kind: 'missing', ...NOTHING } : null;
  const document = repository.document(path);
  // Half-typed: what it declares is not known.
  if (!document?.workflow || document.problems.some(p => p.code !== 'duplicate-key')) return null;
  const { triggers } = document.workflow;
  if (triggers.length === 0) return null;
  const call = triggers.find(t => t.event === 'workflow_call');
  if (!call) return { kind: 'closed', ...NOTHING };
  return {
    kind: 'workflow', inputs: (call.inputs ?? []).map(slot), secrets: (call.secrets ?? []).map(secretSlot),
    outputs: (call.outputs ?? []).map(o => o.key.value),
  };
});

export interface LocalAction {
  readonly inputs: readonly Slot[];
  /** Only a composite action's outputs are all declared. */
  readonly outputs: readonly string[] | null;
  readonly docker: boolean;
}

/** An action of the checkout by its path behind `./` or `$/`; null where there is none that can be read. */
export const localAction = defineQuery('graph-invalid.action', ({ repository }, path: string): LocalAction | null => {
  const document = repository && localDocument(repository, { kind: 'local', path });
  const action = document?.action;
  if (!action?.using || document?.problems.some(p => p.code !== 'duplicate-key')) return null;
  const composite = action.using.value === 'composite';
  return {
    inputs: action.inputs.map(slot), docker: action.using.value === 'docker',
    outputs: composite ? (asMapping(action.outputs?.value)?.entries ?? []).map(o => o.key.value) : null,
  };
});

/** True where a part of the file doesn't parse: names may be missing that are only half typed. */
export const broken = defineQuery('graph-invalid.broken', ({ document }) => document.problems.some(p => p.code !== 'duplicate-key'));
