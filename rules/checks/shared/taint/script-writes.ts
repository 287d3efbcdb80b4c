/** What a script writes into the runner's files: variables, outputs, the search path. */
import { parseScript, unwrap, type AndOr, type Command, type Compound, type Pipeline, type ScriptAst, type Word, type WordPart } from '../../../workflow/scripts';
import { outputOf, type CommandWorld } from './script-commands';
import { flat, NOTHING, union, Variables, type Values } from './script-state';

export type RunnerFile = 'env' | 'output' | 'path' | 'state';

export interface Write {
  readonly file: RunnerFile;
  /** Undefined where the text decides it, or for the search path. */
  readonly name?: string;
  readonly values: Values;
  /** How the value is kept apart from what follows: not at all, by a word that can be known, or by a random one. */
  readonly fence: 'none' | 'fixed' | 'random';
  /** The command, in offsets of the script. */
  readonly start: number;
  readonly end: number;
  /** The single `echo "NAME=…" >> "$GITHUB_…"` that writes one line, in bash. */
  readonly simple?: { readonly command: Command; readonly word: Word; readonly target: Word };
}

const kept = new WeakMap<ScriptAst, readonly Write[]>();

/** Nothing for a language that isn't read. */
export function scriptWrites(text: string, shell: string): readonly Write[] {
  if (!/GITHUB_(?:ENV|OUTPUT|PATH|STATE)|github\.(?:env|output|path|state)|::set-output/i.test(text)) return [];
  const ast = parseScript(text, shell);
  let writes = kept.get(ast);
  if (!writes) kept.set(ast, writes = new Reader(ast).read());
  return writes;
}

/** A line's pieces: text, or values. */
type Piece = string | { readonly values: Values; readonly source: string };
interface Target { readonly file: RunnerFile; readonly word: Word }
interface Around { readonly target?: Target; readonly stdin: Values; readonly certain: boolean; readonly depth: number }

const MAX_DEPTH = 30;

class Reader {
  readonly #writes: Write[] = [];
  readonly #variables: Variables;
  /** A value that is written over several lines. */
  readonly #open = new Map<RunnerFile, { readonly name: string; readonly delimiter: string; readonly fence: 'fixed' | 'random' }>();
  readonly #world: CommandWorld;

  constructor(private readonly ast: ScriptAst) {
    this.#variables = new Variables(ast.text, validatedNames(ast));
    this.#world = { of: word => this.#word(word), text: word => ast.text.slice(word.start, word.end) };
  }

  read(): readonly Write[] {
    this.#lists(this.ast.body, { stdin: NOTHING, certain: true, depth: 0 });
    return this.#writes;
  }

  #word(word: Word): Values { return this.#variables.word(word, part => this.#substitution(part, 0)); }
  #parts(parts: readonly WordPart[]): Values { return this.#variables.parts(parts, part => this.#substitution(part, 0)); }

  #substitution(part: WordPart & { kind: 'substitution' }, depth: number): Values {
    return this.#outputOfLists(part.body, NOTHING, depth + 1);
  }

  #outputOfLists(lists: readonly AndOr[], stdin: Values, depth: number): Values {
    if (depth > MAX_DEPTH) return NOTHING;
    return union(...lists.flatMap(l => l.pipelines.map(p => this.#outputOfPipeline(p, stdin, depth))));
  }

  #outputOfPipeline(pipeline: Pipeline, stdin: Values, depth: number): Values {
    return pipeline.parts.reduce((values, part) => this.#through(part, values, depth), stdin);
  }

  /** What comes out of one part of a pipeline. */
  #through(part: Command | Compound, stdin: Values, depth: number): Values {
    if (part.kind !== 'command') return union(...part.lists.map(l => this.#outputOfLists(l, stdin, depth + 1)));
    return union(outputOf(part, stdin, this.#world), heredocText(part) ? this.#heredoc(part) : NOTHING);
  }

  /** A heredoc comes out of `cat` and filters. */
  #heredoc(command: Command): Values {
    return union(...command.redirections.map(r => r.heredoc ? this.#parts(r.heredoc.parts) : NOTHING));
  }

  #lists(lists: readonly AndOr[], around: Around): void {
    if (around.depth > MAX_DEPTH) return;
    for (const list of lists) {
      list.pipelines.forEach((pipeline, i) => this.#pipeline(pipeline, { ...around, certain: around.certain && i === 0 }));
    }
  }

  #pipeline(pipeline: Pipeline, around: Around): void {
    const last = pipeline.parts.at(-1);
    if (!last) return;
    const own = this.#targetOf(last);
    const target = own ?? (hasOtherTarget(last) ? undefined : around.target);
    let stdin = around.stdin;
    for (const part of pipeline.parts) {
      if (part.kind === 'command') this.#assign(part, stdin, around.certain);
      else this.#compound(part, { ...around, stdin: union(stdin, ...fed(part, this.#world)), target: part === last ? target : undefined, depth: around.depth + 1 });
      if (part !== last) stdin = this.#through(part, stdin, around.depth);
    }
    if (last.kind !== 'command') return;
    if (target) this.#write(pipeline, last, target, around);
    else this.#command(last);
  }

  #compound(part: Compound, around: Around): void {
    if (part.kind === 'for' && part.name) this.#variables.set(part.name, flat(union(...part.words.map(w => this.#word(w)))), true);
    const certain = around.certain && (part.kind === 'group' || part.kind === 'subshell');
    for (const list of part.lists) this.#lists(list, { ...around, certain });
  }

  #assign(command: Command, stdin: Values, certain: boolean): void {
    // `A=b command` is for that command alone.
    if (command.words.length === 0) for (const a of command.assignments) this.#variables.set(a.name, this.#word(a.value), certain && !a.append);
    const [first, ...args] = command.words;
    switch (first?.literal) {
      case 'export': case 'local': case 'declare': case 'readonly': case 'typeset':
        for (const word of args) {
          const name = /^([A-Za-z_]\w*)=/.exec(this.ast.text.slice(word.start, word.end))?.[1];
          if (name) this.#variables.set(name, this.#word(word), certain);
        }
        return;
      case 'read': case 'mapfile': case 'readarray': {
        const values = union(stdin, ...command.redirections.map(r => r.operator === '<<<' && r.target ? this.#word(r.target) : NOTHING), ...fed(command, this.#world));
        for (const word of args) if (word.literal && /^[A-Za-z_]\w*$/.test(word.literal)) this.#variables.set(word.literal, first.literal === 'read' ? flat(values) : values, certain);
      }
    }
  }

  /** `>> "$GITHUB_ENV"`, `tee -a`, `Out-File`, `Add-Content`. */
  #targetOf(part: Command | Compound): Target | undefined {
    for (const r of part.redirections) {
      const file = r.operator.startsWith('>') && r.fd !== '2' && r.target ? this.#runnerFile(r.target) : undefined;
      if (file) return { file, word: r.target! };
    }
    if (part.kind !== 'command') return undefined;
    const name = unwrap(part.words)[0]?.literal?.toLowerCase();
    if (name !== 'tee' && name !== 'out-file' && name !== 'add-content' && name !== 'set-content') return undefined;
    for (const word of part.words) {
      const file = this.#runnerFile(word);
      if (file) return { file, word };
    }
    return undefined;
  }

  #runnerFile(word: Word): RunnerFile | undefined {
    const text = this.ast.text.slice(word.start, word.end).replace(/["'{}\s]/g, '').replace(/^\$(?:env:)?/i, '');
    const name = /^(?:GITHUB_|\$?github\.)(ENV|OUTPUT|PATH|STATE)$/i.exec(text)?.[1]?.toLowerCase();
    return name as RunnerFile | undefined;
  }

  /** `::set-output name=x::value`, which needs no file. */
  #command(command: Command): void {
    if (command.name !== 'echo' && command.name !== 'printf') return;
    const pieces = this.#pieces(command);
    const [first] = pieces;
    const match = typeof first === 'string' ? /^\s*::set-output\s+name=([\w.-]+)::/.exec(first) : null;
    if (match) this.#add('output', match[1], [first!.toString().slice(match[0].length), ...pieces.slice(1)], 'none', command.start, command.end);
  }

  #write(pipeline: Pipeline, last: Command, target: Target, around: Around): void {
    const single = pipeline.parts.length === 1;
    const name = unwrap(last.words)[0]?.literal?.toLowerCase();
    const { start, end } = pipeline, [first] = pipeline.parts;
    let pieces: readonly Piece[];
    if (name === 'add-content' || name === 'set-content') {
      const at = last.words.findIndex(w => /^-value$/i.test(w.literal ?? ''));
      const word = at >= 0 ? last.words[at + 1] : last.words.at(-1);
      pieces = word && word !== target.word ? this.#wordPieces(word.parts) : [];
    } else if (pipeline.parts.length === 2 && (name === 'tee' || name === 'out-file') && first?.kind === 'command') {
      pieces = this.#pieces(first);
    } else if (single && name !== 'tee') pieces = this.#pieces(last, around.stdin);
    else pieces = [{ values: this.#outputOfPipeline(pipeline, around.stdin, around.depth), source: '' }];
    const word = single && this.ast.dialect === 'posix' && name === 'echo' && last.words.length === 2 && last.redirections.length === 1 ? last.words[1] : undefined;
    this.#lines(target.file, pieces, start, end, word && { command: last, word, target: target.word });
  }

  /** What a command prints, as text and values. */
  #pieces(command: Command, stdin: Values = NOTHING): readonly Piece[] {
    const words = unwrap(command.words), name = words[0]?.literal?.toLowerCase();
    const heredocs = command.redirections.flatMap(r => r.heredoc && (name === 'cat' || words.length === 0) ? [r.heredoc] : []);
    if (heredocs.length > 0) return heredocs.flatMap(h => h.quoted ? this.#quoted(h.start, h.end) : this.#wordPieces(h.parts));
    if (name === 'echo' || name === 'write-output' || name === 'write-host') {
      const args = words.slice(1), escapes = args.some(w => /^-[a-zA-Z]*e/.test(w.literal ?? ''));
      const pieces = args.filter(w => !/^-[neE]+$/.test(w.literal ?? '')).flatMap((w, i) => [...(i > 0 ? [' '] : []), ...this.#wordPieces(w.parts)]);
      return escapes ? pieces.map(p => typeof p === 'string' ? p.replaceAll('\\n', '\n') : p) : pieces;
    }
    if (name === 'printf' && words[1]) return this.#format(words[1], words.slice(2));
    if (name === undefined && words.length === 1) return this.#wordPieces(words[0]!.parts);
    return [{ values: outputOf(command, stdin, this.#world), source: '' }];
  }

  /** Only expressions are replaced in a heredoc whose delimiter is quoted. */
  #quoted(start: number, end: number): Piece[] {
    const pieces: Piece[] = [];
    let at = start;
    for (const e of this.ast.expressions) {
      if (e.start < start || e.end > end) continue;
      pieces.push(this.ast.text.slice(at, e.start), { values: [{ kind: 'expression', start: e.start, flat: false }], source: '' });
      at = e.end;
    }
    return [...pieces, this.ast.text.slice(at, end)];
  }

  #format(format: Word, args: readonly Word[]): Piece[] {
    if (format.literal === undefined) return this.#wordPieces(format.parts);
    let next = 0;
    return format.literal.replaceAll('\\n', '\n').split(/(%[-\d.]*[a-zA-Z%])/).map(part => {
      if (!/^%[-\d.]*[a-zA-Z%]$/.test(part)) return part;
      if (part === '%%') return '%';
      const arg = args[next++];
      if (!arg) return '';
      const values = /[qduxfi]$/.test(part) ? NOTHING : this.#word(arg);
      return arg.literal ?? { values, source: this.ast.text.slice(arg.start, arg.end) };
    });
  }

  #wordPieces(parts: readonly WordPart[]): Piece[] {
    return parts.flatMap((part): Piece[] => {
      if (part.kind === 'text') return [part.value];
      if (part.kind === 'single' && part.value !== undefined) return [part.value];
      if (part.kind === 'double') return this.#wordPieces(part.parts);
      if (part.kind === 'single') return this.#quoted(part.start + 1, part.end - 1);
      return [{ values: this.#parts([part]), source: this.ast.text.slice(part.start, part.end) }];
    });
  }

  #lines(file: RunnerFile, pieces: readonly Piece[], start: number, end: number, simple: Write['simple']): void {
    const lines: Piece[][] = [[]];
    for (const piece of pieces) {
      if (typeof piece !== 'string') lines.at(-1)!.push(piece);
      else piece.split(/\r?\n/).forEach((text, i) => {
        if (i > 0) lines.push([]);
        if (text !== '') lines.at(-1)!.push(text);
      });
    }
    for (const line of lines) this.#line(file, line, start, end, lines.length === 1 ? simple : undefined);
  }

  #line(file: RunnerFile, line: readonly Piece[], start: number, end: number, simple: Write['simple']): void {
    if (line.length === 0) return;
    if (file === 'path') return this.#add(file, undefined, line, 'none', start, end);
    const open = this.#open.get(file);
    if (open) {
      if (line.map(p => typeof p === 'string' ? p : p.source).join('').trim() === open.delimiter) this.#open.delete(file);
      else this.#add(file, open.name, line, open.fence, start, end);
      return;
    }
    const [first, ...rest] = line;
    const head = typeof first === 'string' ? first : '';
    const block = /^\s*([A-Za-z_][\w.-]*)<<-?(.*)$/.exec(head);
    if (block) {
      const delimiter = block[2]! + rest.map(p => typeof p === 'string' ? p : p.source).join('');
      this.#open.set(file, { name: block[1]!, delimiter: delimiter.trim(), fence: rest.some(p => typeof p !== 'string') ? 'random' : 'fixed' });
      return;
    }
    const single = /^\s*([A-Za-z_][\w.-]*)=/.exec(head);
    if (single) this.#add(file, single[1], [head.slice(single[0].length), ...rest], 'none', start, end, simple);
    else this.#add(file, undefined, line, 'none', start, end);
  }

  #add(file: RunnerFile, name: string | undefined, pieces: readonly Piece[], fence: Write['fence'], start: number, end: number, simple?: Write['simple']): void {
    const values = union(...pieces.map(p => typeof p === 'string' ? NOTHING : p.values));
    this.#writes.push({ file, name, values, fence, start, end, simple });
  }
}

function heredocText(command: Command): boolean {
  return command.redirections.some(r => r.heredoc && !r.heredoc.script);
}

/** Files that are read into a compound or `read`. */
function fed(part: Command | Compound, world: CommandWorld): Values[] {
  return part.redirections.map(r => r.operator === '<<<' && r.target ? world.of(r.target)
    : r.operator === '<' && r.target ? (r.target.parts.some(p => p.kind === 'substitution') ? world.of(r.target) : [{ kind: 'file' as const, name: r.target.literal ?? '', flat: false }]) : NOTHING);
}

/** What it prints goes to another file. */
function hasOtherTarget(part: Command | Compound): boolean {
  return part.redirections.some(r => r.operator.startsWith('>') && r.fd !== '2' && r.target !== undefined && !/^&?\d$/.test(r.target.literal ?? ''));
}

/** Variables that the script holds against a pattern: what is in them afterwards is what the author allows. */
function validatedNames(ast: ScriptAst): ReadonlySet<string> {
  const names = new Set<string>();
  for (const command of ast.commands) {
    if (command.words[0]?.literal !== '[[') continue;
    // `[[ -z $A || ! $A =~ ^[0-9]+$ ]]`
    command.words.forEach((word, i) => {
      if (command.words[i + 1]?.literal === '=~') for (const name of namesIn(word)) names.add(name);
    });
  }
  const visit = (lists: readonly AndOr[], depth: number): void => {
    if (depth > MAX_DEPTH) return;
    for (const list of lists) for (const pipeline of list.pipelines) for (const part of pipeline.parts) {
      if (part.kind === 'command') {
        if (part === pipeline.parts.at(-1) && isWholeMatch(part)) for (const word of testedWords(pipeline)) for (const name of namesIn(word)) names.add(name);
        continue;
      }
      if (part.kind === 'case') for (const word of part.words.slice(0, 1)) for (const name of namesIn(word)) names.add(name);
      for (const inner of part.lists) visit(inner, depth + 1);
    }
  };
  visit(ast.body, 0);
  return names;
}

function namesIn(word: Word): string[] {
  return word.parts.flatMap(p => p.kind === 'double' ? p.parts : [p]).flatMap(p => p.kind === 'parameter' ? [p.name] : []);
}

/** `grep -Eq '^[a-z]+$'`, `grep -qx …`: true only for a line that is as the author wants it. */
function isWholeMatch(command: Command): boolean {
  if (!/^(?:e|f)?grep$/.test(command.name ?? '')) return false;
  const args = command.words.slice(1).map(w => w.literal ?? '');
  if (!args.some(a => /^-[A-Za-z]*q|^--quiet$/.test(a)) && !command.redirections.some(r => r.operator.startsWith('>'))) return false;
  return args.some(a => /^-[A-Za-z]*x|^--line-regexp$/.test(a)) || args.some(a => /^\^.*\$$/.test(a));
}

/** What a pipeline that ends in such a test is about. */
function testedWords(pipeline: Pipeline): Word[] {
  const [first] = pipeline.parts, last = pipeline.parts.at(-1)!;
  const piped = first !== last && first?.kind === 'command' && /^(?:echo|printf)$/.test(first.name ?? '') ? first.words.slice(1) : [];
  return [...piped, ...last.redirections.flatMap(r => r.operator === '<<<' && r.target ? [r.target] : [])];
}
