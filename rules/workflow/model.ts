/**
 * The typed model of CI files: what a rule reads. Built from the tree of `nodes.ts`; every part keeps the node it came from.
 * Jobs and steps never point at their workflow: a job is cached with its block, and what it needs from outside comes through
 * `context.query` only.
 */
import type { Notes } from './block-memo';
import type { Entry, MappingNode, ScalarNode, Span, YamlNode } from './nodes';

export interface Workflow {
  readonly kind: 'workflow';
  /** For `OwnMemo` alone. */
  readonly notes: Notes;
  readonly name?: Entry;
  readonly runName?: Entry;
  /** The `on` entry (also when YAML 1.1 tools would read the key as `true`). */
  readonly on?: Entry;
  readonly triggers: readonly Trigger[];
  readonly permissions?: Permissions;
  readonly env?: EnvMap;
  readonly defaults?: Entry;
  readonly concurrency?: Concurrency;
  readonly cacheMode?: Entry;
  /** The `jobs` entry. Its value may be null although there are jobs: see `SourceDocument.entries`. */
  readonly jobsEntry?: Entry;
  readonly jobs: readonly Job[];
  /** All top-level entries, in order. */
  readonly entries: readonly Entry[];
}

export interface Trigger {
  readonly event: string;
  /** The event's name as written: the key, the scalar, or the item. */
  readonly node: ScalarNode;
  /** Filters and types; undefined for the short forms. */
  readonly config?: MappingNode;
  /** Text of `types`, `branches`, `branches-ignore`, `tags`, `tags-ignore`, `paths`, `paths-ignore`, `workflows`; undefined where absent. */
  readonly types?: readonly string[];
  readonly branches?: readonly string[];
  readonly branchesIgnore?: readonly string[];
  readonly tags?: readonly string[];
  readonly tagsIgnore?: readonly string[];
  readonly paths?: readonly string[];
  readonly pathsIgnore?: readonly string[];
  readonly workflows?: readonly string[];
  /** `schedule`: each cron line. */
  readonly cron?: readonly ScalarNode[];
  /** `workflow_call` and `workflow_dispatch`. */
  readonly inputs?: readonly InputDecl[];
  /** `workflow_call`: declared secrets; undefined where the key is absent. */
  readonly secrets?: readonly Entry[];
  readonly outputs?: readonly Entry[];
}

export interface InputDecl {
  readonly name: string;
  readonly entry: Entry;
  /** Text of `type`; undefined where absent (string). */
  readonly type?: string;
  readonly required: boolean;
  readonly default?: YamlNode;
}

export interface Permissions {
  readonly entry: Entry;
  /** `write-all`, `read-all`, the empty mapping, a mapping, or something that is none of them. */
  readonly shape: 'write-all' | 'read-all' | 'none' | 'map' | 'invalid';
  readonly scopes: readonly PermissionScope[];
}

export interface PermissionScope {
  readonly name: string;
  /** `read`, `write`, `none` or what is written. */
  readonly access: string;
  readonly entry: Entry;
}

export interface EnvMap {
  readonly entry: Entry;
  /** Empty where `env` is an expression. */
  readonly variables: readonly EnvVariable[];
}

export interface EnvVariable {
  readonly name: string;
  readonly entry: Entry;
  readonly value?: ScalarNode;
}

export interface Concurrency {
  readonly entry: Entry;
  /** The group's scalar: the value itself in the short form. */
  readonly group?: ScalarNode;
  readonly cancelInProgress?: Entry;
  readonly queue?: Entry;
}

export interface Job {
  readonly kind: 'job';
  readonly id: string;
  /** `id: {...}`; the key is the narrowest thing to underline for a job. */
  readonly entry: Entry;
  /** Undefined for a job that is half-typed or no mapping. */
  readonly node?: MappingNode;
  readonly name?: Entry;
  readonly needs: readonly ScalarNode[];
  readonly if?: Entry;
  readonly runsOn?: Entry;
  readonly permissions?: Permissions;
  readonly environment?: Environment;
  readonly concurrency?: Concurrency;
  readonly outputs?: Entry;
  readonly env?: EnvMap;
  readonly defaults?: Entry;
  readonly timeoutMinutes?: Entry;
  readonly strategy?: Entry;
  readonly continueOnError?: Entry;
  readonly container?: Entry;
  readonly services?: Entry;
  readonly cacheMode?: Entry;
  /** Set for a job that calls a reusable workflow. */
  readonly uses?: UsesRef;
  readonly with?: Entry;
  readonly secrets?: Entry;
  readonly stepsEntry?: Entry;
  /** In document order, the steps inside `parallel:` groups after their group. */
  readonly steps: readonly Step[];
}

export interface Environment {
  readonly entry: Entry;
  /** The name's scalar, also in the short form. */
  readonly name?: ScalarNode;
  readonly url?: Entry;
  readonly deployment?: Entry;
}

export interface Step {
  readonly kind: 'step';
  /** Position among all steps of its owner, groups flattened. */
  readonly index: number;
  readonly node: MappingNode;
  /** The whole list item, from its dash. */
  readonly item: Span;
  readonly id?: Entry;
  readonly name?: Entry;
  readonly if?: Entry;
  readonly run?: Script;
  readonly uses?: UsesRef;
  /** `with` inputs by entry. Names compare without case, as runners do: use `input(step, name)`. */
  readonly with?: Entry;
  readonly env?: EnvMap;
  readonly shell?: Entry;
  readonly workingDirectory?: Entry;
  readonly continueOnError?: Entry;
  readonly timeoutMinutes?: Entry;
  /** 2026's parallel steps. */
  readonly background?: Entry;
  readonly wait?: Entry;
  readonly waitAll?: Entry;
  readonly cancel?: Entry;
  readonly parallel?: Entry;
  /** The `parallel:` step this one stands in. */
  readonly group?: Step;
  /** The job, or undefined in a composite action. */
  readonly job?: Job;
}

export interface Script {
  readonly entry: Entry;
  readonly scalar: ScalarNode;
  readonly step: Step;
}

/** `owner/repo/path@ref`, `./path`, `$/path`, `docker://image`, or text that is none of them. */
export interface UsesRef {
  readonly entry: Entry;
  readonly scalar: ScalarNode;
  readonly kind: 'repository' | 'local' | 'self' | 'docker' | 'invalid';
  /** As written, without quotes. */
  readonly text: string;
  readonly owner?: string;
  readonly repo?: string;
  /** `owner/repo` in lower case, the same string for the same action; empty where there is none. */
  readonly slug: string;
  /** Below the repository, without a leading slash; for `local` and `self` the path after `./` or `$/`. */
  readonly path?: string;
  /** After `@`; undefined where there is no `@`. */
  readonly ref?: string;
  /** Spans of the part before `@` and of the ref. Where the scalar holds escapes both are the whole scalar. */
  readonly nameSpan: Span;
  readonly refSpan?: Span;
  /** `docker`: the image without `docker://`. */
  readonly image?: string;
  /** The comment behind the value on the same line, whatever it says. */
  readonly comment?: Span & { readonly text: string };
}

export interface ActionFile {
  readonly kind: 'action';
  /** For `OwnMemo` alone. */
  readonly notes: Notes;
  readonly name?: Entry;
  readonly description?: Entry;
  readonly inputs: readonly InputDecl[];
  readonly outputs?: Entry;
  readonly runs?: Entry;
  readonly using?: ScalarNode;
  /** Composite steps; empty for other kinds. */
  readonly steps: readonly Step[];
  readonly entries: readonly Entry[];
}

export interface DependabotFile {
  readonly kind: 'dependabot';
  /** For `OwnMemo` alone. */
  readonly notes: Notes;
  readonly version?: Entry;
  readonly updatesEntry?: Entry;
  readonly updates: readonly DependabotUpdate[];
  readonly registries?: Entry;
  readonly entries: readonly Entry[];
}

export interface DependabotUpdate {
  readonly node: MappingNode;
  readonly item: Span;
  readonly ecosystem?: ScalarNode;
  /** `directory` and `directories` together, as written. */
  readonly directories: readonly ScalarNode[];
  readonly schedule?: Entry;
  readonly cooldown?: Entry;
  readonly groups?: Entry;
}
