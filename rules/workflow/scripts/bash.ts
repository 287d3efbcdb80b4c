import type { AndOr, Assignment, Command, Compound, Pipeline, Redirection, ScriptAst, ShellOptions, Word } from './ast';
import { shellReadsInput } from './interpreters';
import { literalOf, WordReader, type OpenHeredoc } from './words';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type OpenCompound = Mutable<Compound>;

/** A list ends before one of these words in command position. */
const CLOSERS = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}']);
const RESERVED = new Set([...CLOSERS, 'if', 'while', 'until', 'for', 'select', 'case', 'function', 'in', 'time', '{', '[[', '!']);
const FIRST = new Uint8Array(126);
for (const word of RESERVED) FIRST[word.charCodeAt(0)] = 1;
const ENDS_WORD = ' \t\r\n;&|()<>';
const OPERATORS = ['<<<', '<<-', '<<', '<&', '<>', '>>', '>&', '>|', '&>>', '&>', '<', '>'];
const DECLARE = new Set(['export', 'declare', 'local', 'readonly', 'typeset']);

const LF = 10, CR = 13, AMP = 38, OPEN = 40, CLOSE = 41, SEMI = 59, LESS = 60, GREATER = 62, BRACKET = 91, PIPE = 124;

/** Reads a bash or POSIX shell script. Never throws. */
export function parseBash(text: string): ScriptAst {
  return new BashParser(text).script();
}

class BashParser extends WordReader {
  readonly #commands: Command[] = [];
  readonly #heredocOwners = new Map<OpenHeredoc, Mutable<Command>>();
  #options: ShellOptions = {};
  #functions: readonly string[] = [];
  #parent: Compound | undefined;
  #inside: AndOr['inside'];
  #condition = false;

  script(): ScriptAst {
    const body: AndOr[] = [];
    while (this.at < this.limit) {
      body.push(...this.#list());
      if (this.at >= this.limit) break;
      // A word or bracket that closes nothing.
      const start = this.at;
      const word = this.#keyword();
      this.at = word ? start + word.length : start + 1;
      this.error(start, this.at, `\`${this.text.slice(start, this.at)}\` closes nothing`);
    }
    this.#commands.sort((a, b) => a.start - b.start || b.end - a.end);
    return { text: this.text, dialect: 'posix', body, commands: this.#commands, ...this.finish() };
  }

  protected substitution(): AndOr[] {
    return this.#inContext('substitution', () => this.#listThrough());
  }

  #inContext(inside: 'substitution' | 'heredoc', read: () => AndOr[]): AndOr[] {
    const saved = [this.#options, this.#parent, this.#inside, this.#condition] as const;
    this.#parent = undefined;
    this.#inside = inside;
    this.#condition = false;
    const result = read();
    // What `set` does in a subshell ends with it.
    [this.#options, this.#parent, this.#inside, this.#condition] = saved;
    return result;
  }

  /** A list that only `)` or the end may close. */
  #listThrough(): AndOr[] {
    const all: AndOr[] = [];
    for (;;) {
      all.push(...this.#list());
      if (this.at >= this.limit || this.code() === CLOSE) return all;
      const start = this.at;
      this.at += this.#keyword()?.length || 1;
      this.error(start, this.at, `\`${this.text.slice(start, this.at)}\` closes nothing`);
    }
  }

  protected heredocRead(heredoc: OpenHeredoc): void {
    const owner = this.#heredocOwners.get(heredoc);
    if (!owner || this.nesting > 20 || !shellReadsInput(owner.words)) return;
    const after = this.at;
    heredoc.script = this.nested(() => this.within(heredoc.start, heredoc.end, () => this.#inContext('heredoc', () => this.#listThrough())));
    this.at = after;
  }

  /** Statements up to a closing word (left unread), `)`, `;;` or the limit. */
  #list(): AndOr[] {
    const list: AndOr[] = [];
    for (;;) {
      this.blanks();
      const c = this.code();
      if (c < 0 || c === CLOSE) return list;
      if (c === LF) { this.lineBreak(); continue; }
      if (c === SEMI) {
        if (this.code(1) === SEMI || this.code(1) === AMP) return list;
        this.at++;
        continue;
      }
      if (c === AMP && this.code(1) !== GREATER) { this.at++; continue; }
      const word = this.#keyword();
      if (word && CLOSERS.has(word)) return list;
      const start = this.at;
      const statement = this.#andOr();
      if (statement) list.push(statement);
      else if (this.at === start) {
        this.error(start, start + 1, `Unexpected \`${this.text[start]}\``);
        this.at++;
      }
    }
  }

  /** The reserved word at the cursor, without reading it; undefined where there is none. */
  #keyword(): string | undefined {
    const c = this.code();
    // Most commands begin with a letter that no reserved word begins with.
    if (c < 0 || c > 125 || FIRST[c] !== 1) return undefined;
    const { text, limit } = this;
    let end = this.at + 1;
    for (; end < limit; end++) {
      const d = text.charCodeAt(end);
      if (!((d >= 97 && d <= 122) || d === BRACKET)) break;
      if (end - this.at > 8) return undefined;
    }
    if (end < limit && !ENDS_WORD.includes(text[end]!)) return undefined;
    const word = text.slice(this.at, end);
    return RESERVED.has(word) ? word : undefined;
  }

  #andOr(): AndOr | undefined {
    const list: Mutable<AndOr> = {
      pipelines: [], operators: [], background: false, condition: this.#condition, parent: this.#parent, inside: this.#inside, start: this.at, end: this.at,
    };
    const pipelines: Pipeline[] = [], operators: ('&&' | '||')[] = [];
    list.pipelines = pipelines;
    list.operators = operators;
    for (;;) {
      const pipeline = this.#pipeline(list);
      if (!pipeline) break;
      pipelines.push(pipeline);
      this.blanks();
      const c = this.code(), next = this.code(1);
      if (!((c === AMP && next === AMP) || (c === PIPE && next === PIPE))) break;
      this.at += 2;
      operators.push(c === AMP ? '&&' : '||');
      this.#lineBreaks();
    }
    if (pipelines.length === 0) return undefined;
    if (operators.length === pipelines.length) {
      this.error(this.at, this.at, `Nothing follows \`${operators.pop()}\``);
    }
    list.end = pipelines.at(-1)!.end;
    if (this.code() === AMP && this.code(1) !== AMP) {
      list.background = true;
      this.at++;
    }
    return list;
  }

  #lineBreaks(): void {
    for (;;) {
      this.blanks();
      if (this.code() !== LF) return;
      this.lineBreak();
    }
  }

  #pipeline(list: AndOr): Pipeline | undefined {
    const pipeline: Mutable<Pipeline> = { negated: false, parts: [], list, start: this.at, end: this.at };
    const parts: (Command | Compound)[] = [];
    pipeline.parts = parts;
    for (let word = this.#keyword(); word === '!' || word === 'time'; word = this.#keyword()) {
      if (word === '!') pipeline.negated = !pipeline.negated;
      this.at += word.length;
      this.blanks();
      if (word === 'time' && this.text.startsWith('-p ', this.at)) { this.at += 3; this.blanks(); }
    }
    for (;;) {
      const part = this.#part(pipeline);
      if (!part) break;
      parts.push(part);
      this.blanks();
      if (this.code() !== PIPE || this.code(1) === PIPE) break;
      this.at += this.code(1) === AMP ? 2 : 1;
      this.#lineBreaks();
    }
    if (parts.length === 0) return undefined;
    pipeline.end = parts.at(-1)!.end;
    return pipeline;
  }

  #part(pipeline: Pipeline): Command | Compound | undefined {
    const c = this.code();
    if (c === OPEN) return this.#parenthesis(pipeline);
    const word = this.#keyword();
    switch (word) {
      case 'if': return this.#if(pipeline);
      case 'while': case 'until': return this.#loop(pipeline, word);
      case 'for': case 'select': return this.#for(pipeline, word);
      case 'case': return this.#case(pipeline);
      case 'function': return this.#function(pipeline);
      case '{': return this.#group(pipeline);
      case '[[': return this.#command(pipeline, true);
      default: return word && CLOSERS.has(word) ? undefined : this.#command(pipeline, false);
    }
  }

  #open(kind: Compound['kind'], pipeline: Pipeline): OpenCompound & { lists: AndOr[][] } {
    return { kind, lists: [], conditions: 0, words: [], redirections: [], pipeline, start: this.at, end: this.at };
  }

  /** Reads a list of a compound and adds it. */
  #inner(compound: OpenCompound & { lists: AndOr[][] }, condition = false): void {
    const saved = [this.#parent, this.#condition] as const;
    this.#parent = compound;
    this.#condition = condition;
    if (condition) compound.conditions++;
    compound.lists.push(this.nested(() => this.#list()));
    [this.#parent, this.#condition] = saved;
  }

  #expect(word: string, opener: OpenCompound): boolean {
    if (this.#keyword() === word) {
      this.at += word.length;
      return true;
    }
    this.error(opener.start, Math.min(opener.start + 2, this.limit), `\`${word}\` is missing`);
    return false;
  }

  #close<T extends OpenCompound>(compound: T): T {
    compound.redirections = this.#redirections();
    compound.end = this.at;
    return compound;
  }

  #redirections(): Redirection[] {
    const all: Redirection[] = [];
    for (;;) {
      const before = this.at;
      this.blanks();
      const r = this.#redirection();
      if (!r) {
        this.at = before;
        return all;
      }
      all.push(r);
    }
  }

  #parenthesis(pipeline: Pipeline): Compound {
    const compound = this.#open('subshell', pipeline);
    if (this.code(1) === OPEN) {
      const part = this.arithmetic(this.at);
      if (part) {
        compound.kind = 'arithmetic';
        compound.words = [{ start: part.start, end: part.end, parts: [part] }];
        return this.#close(compound);
      }
    }
    this.at++;
    const options = this.#options;
    this.#inner(compound);
    while (this.code() >= 0 && this.code() !== CLOSE) {
      this.at += this.#keyword()?.length || 1;
      this.#inner(compound);
    }
    this.#options = options;
    if (this.code() === CLOSE) this.at++;
    else this.error(compound.start, compound.start + 1, 'This parenthesis is not closed');
    return this.#close(compound);
  }

  #group(pipeline: Pipeline): Compound {
    const compound = this.#open('group', pipeline);
    this.at++;
    this.#inner(compound);
    this.#expect('}', compound);
    return this.#close(compound);
  }

  #if(pipeline: Pipeline): Compound {
    const compound = this.#open('if', pipeline);
    this.at += 2;
    for (;;) {
      this.#inner(compound, true);
      if (!this.#expect('then', compound)) break;
      this.#inner(compound);
      if (this.#keyword() !== 'elif') break;
      this.at += 4;
    }
    if (this.#keyword() === 'else') {
      this.at += 4;
      this.#inner(compound);
    }
    this.#expect('fi', compound);
    return this.#close(compound);
  }

  #loop(pipeline: Pipeline, kind: 'while' | 'until'): Compound {
    const compound = this.#open(kind, pipeline);
    this.at += kind.length;
    this.#inner(compound, true);
    this.#body(compound);
    return this.#close(compound);
  }

  #body(compound: OpenCompound & { lists: AndOr[][] }): void {
    if (!this.#expect('do', compound)) return;
    this.#inner(compound);
    this.#expect('done', compound);
  }

  #for(pipeline: Pipeline, keyword: string): Compound {
    const compound = this.#open('for', pipeline);
    this.at += keyword.length;
    this.blanks();
    const words: Word[] = [];
    compound.words = words;
    const head = this.code() === OPEN && this.code(1) === OPEN ? this.arithmetic(this.at) : undefined;
    if (head) words.push({ start: head.start, end: head.end, parts: [head] });
    else {
      compound.name = this.word()?.literal;
      this.#lineBreaks();
      if (this.#keyword() === 'in') {
        this.at += 2;
        for (this.blanks(); ; this.blanks()) {
          const word = this.word();
          if (!word) break;
          words.push(word);
        }
      }
    }
    this.blanks();
    if (this.code() === SEMI) this.at++;
    this.#lineBreaks();
    if (this.#keyword() === '{') {
      this.at++;
      this.#inner(compound);
      this.#expect('}', compound);
    } else this.#body(compound);
    return this.#close(compound);
  }

  #case(pipeline: Pipeline): Compound {
    const compound = this.#open('case', pipeline);
    this.at += 4;
    this.blanks();
    const subject = this.word();
    if (subject) {
      compound.words = [subject];
      this.region('case', subject.start, subject.end);
    }
    this.#lineBreaks();
    if (!this.#expect('in', compound)) return this.#close(compound);
    for (;;) {
      this.#lineBreaks();
      if (this.code() < 0 || this.#keyword() === 'esac') break;
      if (this.code() === OPEN) this.at++;
      const start = this.at;
      for (this.blanks(); this.code() >= 0 && this.code() !== CLOSE && this.code() !== LF; this.blanks()) {
        if (!this.word()) this.at++;
      }
      this.region('case', start, this.at);
      if (this.code() !== CLOSE) {
        this.error(start, this.at, 'A pattern of `case` has no `)`');
        break;
      }
      this.at++;
      this.#inner(compound);
      if (this.code() !== SEMI) break;
      this.at += 2;
      if (this.code() === AMP) this.at++;
    }
    this.#expect('esac', compound);
    return this.#close(compound);
  }

  #function(pipeline: Pipeline): Compound {
    const compound = this.#open('function', pipeline);
    this.at += 'function'.length;
    this.blanks();
    compound.name = this.word()?.literal;
    this.blanks();
    if (this.code() === OPEN) {
      this.at++;
      this.blanks();
      if (this.code() === CLOSE) this.at++;
    }
    return this.#functionBody(compound);
  }

  #functionBody(compound: OpenCompound & { lists: AndOr[][] }): Compound {
    this.#lineBreaks();
    const saved = [this.#functions, this.#parent, this.#options, this.#condition] as const;
    if (compound.name) this.#functions = [...this.#functions, compound.name];
    this.#parent = compound;
    this.#condition = false;
    const statement = this.nested(() => {
      const body: Mutable<AndOr> = {
        pipelines: [], operators: [], background: false, condition: false, parent: compound, inside: this.#inside, start: this.at, end: this.at,
      };
      const inner: Mutable<Pipeline> = { negated: false, parts: [], list: body, start: this.at, end: this.at };
      const part = this.#part(inner);
      if (!part) return [];
      inner.parts = [part];
      body.pipelines = [inner];
      body.end = inner.end = part.end;
      return [body];
    });
    [this.#functions, this.#parent, this.#options, this.#condition] = saved;
    compound.lists.push(statement);
    return this.#close(compound);
  }

  /** A simple command, a `[[ … ]]`, or a function that starts like a command. */
  #command(pipeline: Pipeline, test: boolean): Command | Compound | undefined {
    const start = this.at;
    const words: Word[] = [], assignments: Assignment[] = [], redirections: Redirection[] = [];
    const command: Mutable<Command> = {
      kind: 'command', words, assignments, redirections, pipeline, options: this.#options, functions: this.#functions, start, end: start,
    };
    let declares = false;
    if (test) this.#test(words);
    for (;;) {
      this.blanks();
      const redirection = this.#redirection(command);
      if (redirection) { redirections.push(redirection); command.end = this.at; continue; }
      const word = test ? undefined : this.word();
      if (!word) break;
      command.end = this.at;
      const assignment = words.length === 0 ? assignmentOf(this.text, word) : undefined;
      if (assignment) {
        assignments.push(assignment);
        this.region('assignment', assignment.value.start, assignment.value.end);
        continue;
      }
      if (declares) {
        const declared = assignmentOf(this.text, word);
        if (declared) this.region('assignment', declared.value.start, declared.value.end);
      }
      words.push(word);
      if (words.length > 1) continue;
      declares = DECLARE.has(word.literal ?? '');
      if (this.#openingParenthesis()) {
        const compound = this.#functionByName(pipeline, start, word);
        if (compound) return compound;
      }
    }
    if (words.length === 0 && assignments.length === 0 && redirections.length === 0) return undefined;
    if (test) command.end = this.at;
    command.name = words[0]?.literal;
    this.#commands.push(command);
    this.#applySet(command);
    return command;
  }

  /** Moves to the `(` that may follow a function's name. */
  #openingParenthesis(): boolean {
    const before = this.at;
    this.blanks();
    if (this.code() === OPEN) return true;
    this.at = before;
    return false;
  }

  #functionByName(pipeline: Pipeline, start: number, word: Word): Compound | undefined {
    const open = this.at;
    this.at++;
    this.blanks();
    if (this.code() !== CLOSE) {
      this.at = open;
      this.error(open, open + 1, 'Unexpected `(`');
      return undefined;
    }
    this.at++;
    const compound = this.#open('function', pipeline);
    compound.start = start;
    compound.name = word.literal;
    return this.#functionBody(compound);
  }

  /** At `[[`: its words, `]]` included. */
  #test(words: Word[]): void {
    const start = this.at;
    this.at += 2;
    words.push({ start, end: this.at, parts: [{ kind: 'text', value: '[[', start, end: this.at }], literal: '[[' });
    for (;;) {
      this.blanks();
      const c = this.code();
      if (c < 0) break;
      if (c === LF || c === CR) { this.lineBreak(); continue; }
      if (c === 93 && this.code(1) === 93 && (this.code(2) < 0 || ENDS_WORD.includes(this.text[this.at + 2]!))) {
        const at = this.at;
        this.at += 2;
        words.push({ start: at, end: this.at, parts: [{ kind: 'text', value: ']]', start: at, end: this.at }], literal: ']]' });
        this.region('test', start + 2, at);
        return;
      }
      const word = this.word('test');
      if (!word) break;
      words.push(word);
    }
    this.error(start, start + 2, '`[[` is not closed');
    this.region('test', start + 2, this.at);
  }

  #redirection(command?: Mutable<Command>): Redirection | undefined {
    const start = this.at, first = this.code();
    if (first !== LESS && first !== GREATER && first !== AMP && first !== 123 && !(first >= 48 && first <= 57)) return undefined;
    let at = start;
    while (at < this.limit && this.text.charCodeAt(at) >= 48 && this.text.charCodeAt(at) <= 57) at++;
    if (at === start && this.text[at] === '{') at = this.#namedDescriptor(at);
    const c = at < this.limit ? this.text.charCodeAt(at) : -1;
    const ampersand = c === AMP && this.text.charCodeAt(at + 1) === GREATER && at + 1 < this.limit;
    if (c !== LESS && c !== GREATER && !ampersand) return undefined;
    // `<(` begins a word.
    if (!ampersand && this.text.charCodeAt(at + 1) === OPEN) return undefined;
    const fd = at > start ? this.text.slice(start, at) : undefined;
    const operator = OPERATORS.find(o => this.text.startsWith(o, at))!;
    this.at = at + operator.length;
    this.blanks();
    const target = this.word();
    if (!target) {
      this.error(start, this.at, `Nothing follows \`${operator}\``);
      return { start, end: this.at, operator, fd };
    }
    if (operator !== '<<' && operator !== '<<-') return { start, end: target.end, operator, fd, target };
    const heredoc: OpenHeredoc = {
      start, end: target.end, delimiter: delimiterOf(this.text, target), quoted: target.parts.some(p => p.kind !== 'text') || /\\/.test(this.text.slice(target.start, target.end)),
      parts: [], closed: false, stripTabs: operator === '<<-',
    };
    this.pending.push(heredoc);
    this.heredocs.push(heredoc);
    if (command) this.#heredocOwners.set(heredoc, command);
    return { start, end: target.end, operator, fd, target, heredoc };
  }

  /** `{fd}` directly in front of `<` or `>`. */
  #namedDescriptor(at: number): number {
    let end = at + 1;
    while (end < this.limit && /\w/.test(this.text[end]!)) end++;
    const next = this.text[end + 1];
    return this.text[end] === '}' && end > at + 1 && (next === '<' || next === '>') ? end + 1 : at;
  }

  #applySet(command: Command): void {
    if (command.name !== 'set') return;
    const options: Mutable<ShellOptions> = { ...this.#options };
    const args = command.words.slice(1).map(w => w.literal ?? '');
    for (let i = 0; i < args.length; i++) {
      const flags = /^([-+])([A-Za-z]+)$/.exec(args[i]!);
      if (!flags) break;
      const on = flags[1] === '-';
      for (const f of flags[2]!) {
        if (f === 'e') options.errexit = on;
        else if (f === 'u') options.nounset = on;
        else if (f === 'x') options.xtrace = on;
        else if (f === 'o') {
          const name = args[++i];
          if (name === 'errexit' || name === 'pipefail' || name === 'nounset' || name === 'xtrace') options[name] = on;
        }
      }
    }
    this.#options = options;
  }
}

/** Quotes taken off, whatever kind they are. */
function delimiterOf(text: string, word: Word): string {
  return word.literal ?? literalOf(word.parts) ?? text.slice(word.start, word.end).replace(/['"\\]/g, '');
}

/** `NAME=value`, `NAME+=value`, `NAME[i]=value`. */
function assignmentOf(text: string, word: Word): Assignment | undefined {
  const first = word.parts[0];
  if (first?.kind !== 'text' || !(first.value.includes('=') || first.value.includes('['))) return undefined;
  const head = /^([A-Za-z_]\w*)(\[[^\]]*\])?(\+?)=/.exec(text.slice(word.start, Math.min(word.end, word.start + 200)));
  if (!head || head[0].length > first.end - first.start && !head[2]) return undefined;
  const from = word.start + head[0].length;
  const parts = word.parts.flatMap(p => p.end <= from ? [] : p.kind === 'text' && p.start < from ? [{ ...p, start: from, value: p.value.slice(from - p.start) }] : [p]);
  return {
    name: head[1]!, append: head[3] === '+', start: word.start, end: word.end,
    value: { start: from, end: word.end, parts, literal: literalOf(parts) },
  };
}
