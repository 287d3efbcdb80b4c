import type { AndOr, Command, Compound, Pipeline, Region, RegionKind, ScriptAst, Word, WordPart } from './ast';

/** The innermost region that holds the offset; undefined where the text is unquoted code. */
export function regionAt(ast: ScriptAst, offset: number): Region | undefined {
  return regionsAt(ast, offset).at(-1);
}

/** Every region that holds the offset, outermost first. */
export function regionsAt(ast: ScriptAst, offset: number): Region[] {
  const found: Region[] = [];
  for (const r of ast.regions) {
    if (r.start > offset) break;
    if (offset < r.end) found.push(r);
  }
  return found;
}

/** How the shell reads the text at an offset. */
export function quotingAt(ast: ScriptAst, offset: number): RegionKind | 'unquoted' {
  const kind = regionAt(ast, offset)?.kind;
  return !kind || kind === 'substitution' || kind === 'array' ? 'unquoted' : kind;
}

/** The commands whose text holds the offset (in a word, a redirection or a heredoc's body), outermost first. */
export function commandsAt(ast: ScriptAst, offset: number): Command[] {
  return ast.commands.filter(c => (c.start <= offset && offset < c.end) || c.redirections.some(r => r.heredoc && r.heredoc.start <= offset && offset < r.heredoc.end));
}

/** The arguments' literal texts, undefined for what is known only at run time. */
export function args(command: Command): (string | undefined)[] {
  return command.words.slice(1).map(w => w.literal);
}

/**
 * True where a command's failure can't fail its step whatever `set -e` says: it is a condition, `||` follows, it is
 * negated, it runs in the background, or it stands in a pipeline in front of another command and the script has not set `pipefail`.
 */
export function failureIgnored(command: Command): boolean {
  const { pipeline } = command, { list } = pipeline;
  if (list.condition || list.background || pipeline.negated) return true;
  const inner = pipeline.parts.indexOf(command);
  if (inner >= 0 && inner < pipeline.parts.length - 1 && command.options.pipefail !== true) return true;
  if (followedByOr(pipeline)) return true;
  for (let parent: Compound | undefined = list.parent; parent; parent = parent.pipeline.list.parent) {
    const outer = parent.pipeline;
    if (outer.list.condition || outer.list.background || outer.negated || followedByOr(outer)) return true;
  }
  return false;
}

function followedByOr(pipeline: Pipeline): boolean {
  const { pipelines, operators } = pipeline.list;
  const i = pipelines.indexOf(pipeline);
  return operators.slice(Math.max(0, i)).includes('||');
}

/** Every word part below a word, outermost first, what stands in substitutions left out. */
export function* partsOf(word: Word | readonly WordPart[]): Generator<WordPart> {
  for (const p of 'parts' in word ? word.parts : word) {
    yield p;
    if (p.kind === 'double' || p.kind === 'parameter' || p.kind === 'arithmetic') yield* partsOf(p.parts);
    else if (p.kind === 'array') for (const w of p.words) yield* partsOf(w);
  }
}

/** Names of the variables that a word expands. */
export function variablesOf(word: Word): string[] {
  return [...partsOf(word)].flatMap(p => p.kind === 'parameter' ? [p.name] : []);
}

/** Each list below a script or a compound, outermost first. */
export function* listsOf(lists: readonly AndOr[]): Generator<AndOr> {
  for (const list of lists) {
    yield list;
    for (const pipeline of list.pipelines) {
      for (const part of pipeline.parts) if (part.kind !== 'command') for (const inner of part.lists) yield* listsOf(inner);
    }
  }
}
