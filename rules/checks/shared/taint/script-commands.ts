/** What comes out of a command, by what goes in. Commands that are not known give nothing: better to miss than to guess. */
import { unwrap, type Command, type Word } from '../../../workflow/scripts';
import type { Origin } from './types';
import { flat, NOTHING, union, type Values } from './script-state';

export interface CommandWorld {
  /** Values of a word. */
  of(word: Word): Values;
  text(word: Word): string;
}

const ANY = ['*'];
const PULL: Omit<Origin, 'what'> = { kind: 'text', who: 'anyone who opens a pull request', flat: false, events: ANY };
const ISSUE: Omit<Origin, 'what'> = { ...PULL, who: 'anyone who opens an issue' };
const BRANCH: Omit<Origin, 'what'> = { ...PULL, kind: 'ref', flat: true };
const NAMES: Omit<Origin, 'what'> = {
  kind: 'path', who: 'anyone who opens a pull request with files so named', flat: true,
  events: ['pull_request', 'pull_request_target', 'pull_request_review', 'pull_request_review_comment', 'issue_comment', 'workflow_run'],
};

const origin = (what: string, of: Omit<Origin, 'what'>): Values => [{ kind: 'origin', origin: { ...of, what }, flat: of.flat }];

/** They give out what they are given, line for line or nearly so. */
const FILTERS = new Set('sed awk gawk mawk tr cut sort uniq rev paste fold column xargs tail head tee tac sponge iconv grep egrep fgrep perl envsubst nl expand fmt sd basename dirname select-object select-string foreach-object out-string'.split(' '));
/** Numbers and digests come out, or nothing. */
const ENDS = new Set('wc sha1sum sha256sum sha512sum md5sum shasum md5 cksum date stat expr seq mktemp uuidgen openssl test true false'.split(' '));

/** Values that a command prints. `stdin`: what a pipeline or redirection feeds it. */
export function outputOf(command: Command, piped: Values, world: CommandWorld): Values {
  const stdin = union(piped, ...command.redirections.map(r => r.operator === '<<<' && r.target ? world.of(r.target) : NOTHING), ...inputFiles(command, world));
  const words = unwrap(command.words), first = words[0], args = words.slice(1);
  // `$(<file)`, and a string that stands alone in PowerShell.
  if (!first) return stdin;
  const name = first.literal?.replace(/^.*[\\/]/, '').replace(/\.exe$/i, '').toLowerCase();
  if (name === undefined) return world.text(first).startsWith('"') ? union(...words.map(w => world.of(w))) : NOTHING;
  if (ENDS.has(name)) return NOTHING;
  switch (name) {
    case 'echo': case 'write-output': case 'write-host': return union(...args.map(w => world.of(w)));
    case 'printf': return printed(args, world);
    case 'cat': case 'get-content': case 'type': case 'gc': return union(args.length === 0 ? stdin : NOTHING, ...args.filter(w => !w.literal?.startsWith('-')).map(w => contents(w, world)), stdin);
    case 'base64': return args.some(w => /^(?:-d|-D|--decode)$/.test(w.literal ?? '')) ? stdin : NOTHING;
    case 'jq': return filtered(args, stdin, world);
    case 'gh': return fromGitHub(args, world);
    case 'git': return fromGit(args);
    default: return FILTERS.has(name) ? through(name, args, stdin, world) : NOTHING;
  }
}

function inputFiles(command: Command, world: CommandWorld): Values[] {
  return command.redirections.map(r => r.operator === '<' && r.target ? contents(r.target, world) : NOTHING);
}

function contents(word: Word, world: CommandWorld): Values {
  const name = word.literal ?? world.text(word);
  // Files of the system, and what the runner keeps for itself.
  if (/^\/(?:proc|etc|dev|sys)\/|GITHUB_|RUNNER_TEMP\/_/.test(name) || name === '-' || name === '') return NOTHING;
  return [{ kind: 'file', name: name.replace(/^["']|["']$/g, ''), flat: false }];
}

/** `printf` formats: `%q` quotes, `%d` takes numbers. */
function printed(args: readonly Word[], world: CommandWorld): Values {
  const [format, ...rest] = args;
  if (!format) return NOTHING;
  const kinds = [...(format.literal ?? '').matchAll(/%[-\d.]*([a-zA-Z%])/g)].map(m => m[1]!).filter(k => k !== '%');
  return union(world.of(format), ...rest.map((w, i) => /[qduxfi]/.test(kinds[kinds.length > 0 ? i % kinds.length : 0] ?? 's') ? NOTHING : world.of(w)));
}

function through(name: string, args: readonly Word[], stdin: Values, world: CommandWorld): Values {
  const literals = args.map(w => w.literal ?? world.text(w));
  switch (name) {
    case 'tr':
      if (literals.some(l => /^-[a-z]*[cC]/.test(l))) return NOTHING;
      return literals.some(l => /\\n|\[:space:\]/.test(l)) ? flat(stdin) : stdin;
    case 'sed': return literals.some(l => /(?:^|;)\s*s(.)\[\^[^\]]*\][+*]?\1[^\s]{0,3}\1g?/.test(l)) ? NOTHING : union(stdin, ...files(args, 1, world));
    case 'grep': case 'egrep': case 'fgrep': {
      if (literals.some(l => /^-[a-zA-Z]*[cq]|^--(?:count|quiet)/.test(l))) return NOTHING;
      const only = literals.some(l => /^-[a-zA-Z]*o|^--only-matching/.test(l)), pattern = literals.find(l => !l.startsWith('-')) ?? '';
      if (only && !/(?:^|[^\\])\.|\\[SDW]|\[\^/.test(pattern.replace(/\[[^\]^][^\]]*\]/g, 'x'))) return NOTHING;
      return union(stdin, ...files(args, 1, world));
    }
    case 'basename': case 'dirname': return union(stdin, ...args.map(w => world.of(w)));
    case 'xargs': return flat(stdin);
    case 'head': case 'tail': {
      const rest = union(stdin, ...files(args, 0, world));
      return /(?:^|\s)-(?:n\s*)?1(?:\s|$)/.test(literals.join(' ')) ? flat(rest) : rest;
    }
    default: return stdin;
  }
}

/** File arguments behind the first `skip` that are no options, and no numbers of one. */
function files(args: readonly Word[], skip: number, world: CommandWorld): Values[] {
  return args.filter(w => !/^(?:-|\d+$)/.test(w.literal ?? '')).slice(skip).map(w => contents(w, world));
}

/** Fields of payloads and of answers that outsiders write; `head.ref` and `headRefName` are branches. */
const TEXT_FIELD = /\.(?:title|body|message|display_title|displayTitle|comments|commits)\b/;
const REF_FIELD = /\.(?:headRefName|head_branch|headBranch|head\.ref|head\.label)\b/;

function filtered(args: readonly Word[], stdin: Values, world: CommandWorld): Values {
  const literals = args.map(w => w.literal ?? world.text(w));
  const filter = literals.find(l => !l.startsWith('-') && /^\.|\||\[/.test(l)) ?? '.';
  const raw = literals.some(l => /^-[a-zA-Z]*r|^--raw-output/.test(l));
  if (/\b(?:length|@base64|@uri|@sh)\b|\.(?:number|id|sha|login|state|merged|draft|fork|count)\s*$/.test(filter)) return NOTHING;
  const keep = (values: Values): Values => raw ? values : flat(values);
  if (literals.some(l => /GITHUB_EVENT_PATH|github\.event_path/.test(l))) return keep(event(filter));
  const named = args.flatMap((w, i) => /^--arg(?:json)?$/.test(literals[i - 2] ?? '') ? [world.of(w)] : []);
  const read = args.filter((_w, i) => !literals[i]!.startsWith('-') && !/^--(?:arg(?:json)?)$/.test(literals[i - 1] ?? '') && !/^--arg(?:json)?$/.test(literals[i - 2] ?? '')).slice(1);
  return keep(union(stdin, ...named, ...read.map(w => contents(w, world))));
}

/** `.pull_request.title // ""` of the event's file. */
function event(filter: string): Values {
  return [...filter.matchAll(/(?<![\w)\]])\.([A-Za-z_][\w.]{0,100})/g)].slice(0, 5).map(([, path]) => {
    const parts = ['github', 'event', ...path!.toLowerCase().split('.')];
    return { kind: 'github' as const, path: parts, flat: /\.(?:title|ref|label|name|email)$/.test(path!) };
  });
}

function fromGitHub(args: readonly Word[], world: CommandWorld): Values {
  const literals = args.map(w => w.literal ?? world.text(w));
  const [noun, verb] = literals;
  const after = (...names: string[]): string | undefined => {
    const i = literals.findIndex(l => names.includes(l) || names.some(n => l.startsWith(`${n}=`)));
    return i < 0 ? undefined : literals[i]!.includes('=') && literals[i]!.startsWith('-') && !names.includes(literals[i]!) ? literals[i]!.slice(literals[i]!.indexOf('=') + 1) : literals[i + 1];
  };
  const query = after('-q', '--jq');
  if (noun === 'pr' && verb === 'diff') return literals.includes('--name-only') ? origin('gh pr diff', NAMES) : origin('gh pr diff', PULL);
  const about = noun === 'pr' ? PULL : noun === 'issue' ? ISSUE : undefined;
  if (about && (verb === 'view' || verb === 'list')) {
    const json = after('--json');
    const what = `gh ${noun} ${verb}`;
    // Without `--jq` it is JSON, on one line and with its quotes escaped.
    if (query === undefined) return NOTHING;
    const single = json !== undefined && !json.includes(',') ? `.${json}` : '';
    return field(`${query} ${query === '.' ? single : ''}`, what, about);
  }
  if (noun === 'api' && query !== undefined) return field(query, 'gh api', /\/issues/.test(literals.join(' ')) ? ISSUE : PULL);
  return NOTHING;
}

function field(query: string, what: string, about: Omit<Origin, 'what'>): Values {
  if (/\b(?:length|@base64|@uri|test)\b|\bselect\b.*\|\s*\.(?:number|id|sha|state)/.test(query)) return NOTHING;
  // Only what comes out last: `.[] | select(.title == "x") | .number`.
  const last = query.slice(query.lastIndexOf('|') + 1);
  if (REF_FIELD.test(last)) return origin(what, BRANCH);
  return TEXT_FIELD.test(last) && !/\.(?:number|id|sha|login)\b/.test(last) ? origin(what, /\.title\b/.test(last) ? { ...about, flat: true } : about) : NOTHING;
}

function fromGit(args: readonly Word[]): Values {
  const literals = args.map(w => w.literal ?? '');
  const verb = literals.find(l => l !== '' && !l.startsWith('-'));
  return (verb === 'diff' || verb === 'diff-tree') && literals.some(l => l === '--name-only' || l === '--name-status') ? origin(`git ${verb} --name-only`, NAMES) : NOTHING;
}
