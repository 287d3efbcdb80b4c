/** Which steps restore something from GitHub's cache, and how each is told not to. */
import { versionOf } from '../../catalog';
import { deleteEntry, setStepInput } from '../../workflow/edits';
import type { SourceDocument, TextEdit } from '../../workflow/document';
import type { Step } from '../../workflow/model';
import { asMapping, asScalar, scalarText, type Span } from '../../workflow/nodes';
import { inputEntry } from './artifact-uploads';

export interface CacheUse {
  readonly step: Step;
  /** The input that asks for it, or the action's name. */
  readonly at: Span;
  /** `actions/setup-node`. */
  readonly what: string;
  /** Nothing asks for it: the action does so by default. */
  readonly implicit: boolean;
  /** Turns it off by an input, where that changes nothing else. */
  readonly off?: (document: SourceDocument) => TextEdit[] | undefined;
}

/** Inputs that turn a cache on: `any`: with any value but `false`; `true`: with that one. Turned off by its removal. */
interface Switch { readonly input: string; readonly on: 'any' | 'true' }

const SWITCHES: Readonly<Record<string, Switch>> = {
  'actions/setup-node': { input: 'cache', on: 'any' },
  'actions/setup-python': { input: 'cache', on: 'any' },
  'actions/setup-java': { input: 'cache', on: 'any' },
  'actions/setup-dotnet': { input: 'cache', on: 'true' },
  'denoland/setup-deno': { input: 'cache', on: 'true' },
  'pnpm/action-setup': { input: 'cache', on: 'true' },
  'graalvm/setup-graalvm': { input: 'cache', on: 'any' },
  'subosito/flutter-action': { input: 'cache', on: 'true' },
};

/** Actions that do nothing else than to restore and save, or that do so unless an input says no. */
const ALWAYS: Readonly<Record<string, { readonly no?: string; readonly value?: string }>> = {
  'actions/cache': {}, 'actions/cache/restore': {}, 'swatinem/rust-cache': {}, 'mozilla-actions/sccache-action': {}, 'hendrikmuhs/ccache-action': {},
  'julia-actions/cache': {}, 'shivammathur/cache-extensions': {}, 'taiki-e/cache-cargo-install-action': {},
  'actions-rust-lang/setup-rust-toolchain': { no: 'cache', value: 'false' },
  'gradle/actions/setup-gradle': { no: 'cache-disabled', value: 'true' }, 'gradle/gradle-build-action': { no: 'cache-disabled', value: 'true' },
};

/** What a step restores from the cache; undefined for one that restores nothing, as far as it says. */
export function cacheUse(step: Step): CacheUse | undefined {
  const { uses } = step;
  if (uses?.kind !== 'repository') return undefined;
  const what = `${uses.owner}/${uses.repo}${uses.path ? `/${uses.path}` : ''}`, name = what.toLowerCase();
  const base = { step, what };
  const turn = Object.hasOwn(SWITCHES, name) ? SWITCHES[name] : undefined;
  if (turn) {
    const entry = inputEntry(step, turn.input), value = asScalar(entry?.value)?.value.trim() ?? '';
    if (!entry || value === '' || value.includes('${{') || (turn.on === 'any' ? /^false$/i.test(value) : !/^true$/i.test(value))) return undefined;
    return {
      ...base, at: entry, implicit: false,
      off: document => removeInput(document, step, turn.input),
    };
  }
  if (name === 'actions/setup-go') return ofSetupGo(step, base);
  if (name === 'astral-sh/setup-uv') return ofSetupUv(step, base);
  if (name === 'ruby/setup-ruby') {
    // It installs the gems, too: without it nobody does.
    const entry = inputEntry(step, 'bundler-cache');
    return entry && /^true$/i.test(scalarText(entry.value) ?? '') ? { ...base, at: entry, implicit: false } : undefined;
  }
  if (name === 'docker/build-push-action') {
    const entry = inputEntry(step, 'cache-from');
    if (!entry || !/\btype=gha\b/.test(scalarText(entry.value) ?? '')) return undefined;
    return { ...base, at: entry, implicit: false, off: document => removeInput(document, step, 'cache-from') };
  }
  const always = Object.hasOwn(ALWAYS, name) ? ALWAYS[name] : undefined;
  if (!always) return undefined;
  const { no, value } = always;
  if (no === undefined) return { ...base, at: uses.nameSpan, implicit: false };
  const said = scalarText(inputEntry(step, no)?.value)?.trim().toLowerCase();
  if (said === value || said?.includes('${{')) return undefined;
  return { ...base, at: uses.nameSpan, implicit: said === undefined, off: document => setStepInput(document, step, no, value === 'true') };
}

/** Since v4 it caches unless told not to. */
function ofSetupGo(step: Step, base: Pick<CacheUse, 'step' | 'what'>): CacheUse | undefined {
  const entry = inputEntry(step, 'cache'), value = scalarText(entry?.value)?.trim().toLowerCase() ?? '';
  const off = (document: SourceDocument): TextEdit[] | undefined => setStepInput(document, step, 'cache', false);
  if (entry && value !== '') return value === 'true' ? { ...base, at: entry, implicit: false, off } : undefined;
  return majorOf(step) >= 4 ? { ...base, at: step.uses!.nameSpan, implicit: true, off } : undefined;
}

/** From v5 to v9 it caches on GitHub's runners unless told not to; since v10 not where tags and releases are made, which is where it counts. */
function ofSetupUv(step: Step, base: Pick<CacheUse, 'step' | 'what'>): CacheUse | undefined {
  const entry = inputEntry(step, 'enable-cache'), value = scalarText(entry?.value)?.trim().toLowerCase() || 'auto';
  if (/^false$/i.test(scalarText(inputEntry(step, 'restore-cache')?.value)?.trim() ?? '')) return undefined;
  const off = (document: SourceDocument): TextEdit[] | undefined => setStepInput(document, step, 'enable-cache', false);
  if (entry && value === 'true') return { ...base, at: entry, implicit: false, off };
  const major = majorOf(step);
  return value === 'auto' && major >= 5 && major < 10 ? { ...base, at: entry ?? step.uses!.nameSpan, implicit: true, off } : undefined;
}

/** The major version of a step's action; -1 where it isn't known. */
export function majorOf(step: Step): number {
  const { owner = '', repo = '', ref = '' } = step.uses ?? {};
  return Number(/^[vV]?(\d{1,3})(?:\.|$)/.exec(versionOf(owner, repo, ref) ?? ref)?.[1] ?? -1);
}

function removeInput(document: SourceDocument, step: Step, name: string): TextEdit[] | undefined {
  const inputs = asMapping(step.with?.value), entry = inputEntry(step, name);
  if (!inputs || !entry || step.with?.value !== inputs) return undefined;
  return inputs.entries.length === 1 ? deleteEntry(document, step.with, step.node) : deleteEntry(document, entry, inputs);
}
