/**
 * What a script says, as far as rules need it. All offsets are UTF-16 offsets in the script's text (the value of `run:`).
 * Built with recovery: any text gives a tree, and what was not understood is in `errors`.
 */
export interface ScriptRange { readonly start: number; readonly end: number }

/** `opaque`: a shell or language that isn't read (cmd, python, a custom template); it has no commands. */
export type ScriptDialect = 'posix' | 'powershell' | 'opaque';

export interface ScriptAst {
  readonly text: string;
  readonly dialect: ScriptDialect;
  readonly body: readonly AndOr[];
  /** Every simple command in source order, those in substitutions, functions, branches and heredocs fed to a shell included. */
  readonly commands: readonly Command[];
  readonly comments: readonly ScriptRange[];
  readonly heredocs: readonly Heredoc[];
  /** Every `${{ … }}` that was read as one, in source order. One behind a backslash or in a comment is not among them. */
  readonly expressions: readonly ScriptRange[];
  readonly errors: readonly (ScriptRange & { readonly message: string })[];
  /** Regions that are quoted or read differently, in the order of their starts; inner ones after outer ones. */
  readonly regions: readonly Region[];
}

export type RegionKind =
  /** `'…'`; `ansi` is `$'…'`. */
  | 'single' | 'ansi' | 'double'
  | 'heredoc' | 'heredoc-quoted' | 'comment'
  /** `$(…)`, `<(…)` and `(…)` of PowerShell: read afresh, unquoted again. */
  | 'substitution' | 'backtick'
  /** `$((…))`, `((…))`. */
  | 'arithmetic'
  /** Inside `${…}`. */
  | 'parameter'
  /** Inside `[[ … ]]`: no word splitting. */
  | 'test'
  /** The value of `NAME=…`: no word splitting. */
  | 'assignment'
  /** An array's elements: split again. */
  | 'array'
  /** The word between `case` and `in`, and its patterns. */
  | 'case';

/** What is inside: quotes and brackets themselves are outside. */
export interface Region extends ScriptRange { readonly kind: RegionKind }

export type WordPart =
  /** Unquoted text, `value` without its backslashes. */
  | (ScriptRange & { readonly kind: 'text'; readonly value: string })
  /** `'…'` and `$'…'`; `value` is undefined where a `${{ }}` stands in it. */
  | (ScriptRange & { readonly kind: 'single'; readonly value?: string })
  | (ScriptRange & { readonly kind: 'double'; readonly parts: readonly WordPart[] })
  /** `$NAME`, `${NAME…}`, `$env:NAME`; `simple` where nothing but the name stands in it. */
  | (ScriptRange & { readonly kind: 'parameter'; readonly name: string; readonly simple: boolean; readonly parts: readonly WordPart[] })
  /** `$(…)`, backticks, `<(…)`, `>(…)`. */
  | (ScriptRange & { readonly kind: 'substitution'; readonly style: '$(' | '`' | '<(' | '>('; readonly body: readonly AndOr[] })
  | (ScriptRange & { readonly kind: 'arithmetic'; readonly parts: readonly WordPart[] })
  /** `(a b c)` behind `NAME=`. */
  | (ScriptRange & { readonly kind: 'array'; readonly words: readonly Word[] })
  /** `${{ … }}`, replaced by GitHub before the shell sees the text. */
  | (ScriptRange & { readonly kind: 'expression' });

export interface Word extends ScriptRange {
  readonly parts: readonly WordPart[];
  /** Its text after quote removal; undefined where a part is known only at run time. */
  readonly literal?: string;
}

export interface Assignment extends ScriptRange {
  readonly name: string;
  readonly append: boolean;
  readonly value: Word;
}

export interface Redirection extends ScriptRange {
  /** `>`, `>>`, `<`, `<<`, `<<<`, `>&`, `&>`, `>|`, … */
  readonly operator: string;
  /** Descriptor in front of the operator: `2`, `{fd}`. */
  readonly fd?: string;
  readonly target?: Word;
  readonly heredoc?: Heredoc;
}

export interface Heredoc extends ScriptRange {
  readonly delimiter: string;
  /** Delimiter in quotes: nothing is expanded in the body. */
  readonly quoted: boolean;
  /** Substitutions, parameters and `${{ }}` of the body. */
  readonly parts: readonly WordPart[];
  /** False where the delimiter is missing. */
  readonly closed: boolean;
  /** Set where a shell reads the body. */
  readonly script?: readonly AndOr[];
}

/** What `set` has said before a command; undefined where the script has not said it. */
export interface ShellOptions { readonly errexit?: boolean; readonly pipefail?: boolean; readonly nounset?: boolean; readonly xtrace?: boolean }

export interface Command extends ScriptRange {
  readonly kind: 'command';
  /** First word and arguments, without assignments and redirections. Empty for a bare assignment or redirection. */
  readonly words: readonly Word[];
  /** Literal text of the first word; undefined where there is none or it is computed. */
  readonly name?: string;
  readonly assignments: readonly Assignment[];
  readonly redirections: readonly Redirection[];
  readonly pipeline: Pipeline;
  readonly options: ShellOptions;
  /** Names of the functions it stands in, innermost last. */
  readonly functions: readonly string[];
}

export interface Compound extends ScriptRange {
  readonly kind: 'group' | 'subshell' | 'if' | 'while' | 'until' | 'for' | 'case' | 'function' | 'arithmetic';
  /** `if`: condition, branch, condition, branch, …, else branch. `while`, `until`: condition, body. `case`: a list per pattern. */
  readonly lists: readonly (readonly AndOr[])[];
  /** How many leading parts of `lists`, every second one, are conditions. */
  readonly conditions: number;
  /** Words of `for`, the subject of `case`. */
  readonly words: readonly Word[];
  /** Variable of `for`, name of a function. */
  readonly name?: string;
  readonly redirections: readonly Redirection[];
  readonly pipeline: Pipeline;
}

/** `a | b`. */
export interface Pipeline extends ScriptRange {
  readonly negated: boolean;
  readonly parts: readonly (Command | Compound)[];
  readonly list: AndOr;
}

/** `a && b || c`, up to `;`, `&` or the end of the line. */
export interface AndOr extends ScriptRange {
  readonly pipelines: readonly Pipeline[];
  /** One less than there are pipelines. */
  readonly operators: readonly ('&&' | '||')[];
  /** Ends with `&`. */
  readonly background: boolean;
  /** Stands where `if`, `while` or `until` looks at its result. */
  readonly condition: boolean;
  /** The compound whose list it is in, inside the same substitution. */
  readonly parent?: Compound;
  /** It is in a substitution, or in a heredoc that a shell reads. */
  readonly inside?: 'substitution' | 'heredoc';
}
