/** Downloads in scripts, and what runs them. */
import { commandsAt, shellReadsInput, unwrap, type Command, type ScriptAst, type Word } from '../../workflow/scripts';

export interface Download {
  readonly command: Command;
  /** The address as written, without quotes; undefined where the command gets it from somewhere else. */
  readonly url?: string;
  readonly urlWord?: Word;
  /** How it is run. */
  readonly way: 'piped' | 'saved';
  /** What runs it, as it is shown: `sh`, `chmod +x`. */
  readonly runner: string;
}

const DOWNLOADERS = new Set(['curl', 'wget', 'iwr', 'irm', 'invoke-webrequest', 'invoke-restmethod']);
const INTERPRETERS = /^(?:python[\d.]*|node|perl|ruby|php|deno|bun)$/;
const SHELLS = /^(?:sh|bash|zsh|dash|ash|ksh|pwsh|powershell)$/;
/** They may stand between a download and the shell that runs it. */
const FILTERS = new Set(['sed', 'tr', 'cat', 'tee', 'grep', 'awk', 'gunzip', 'zcat', 'iconv']);
const CHECKS = new Set(`sha256sum sha512sum sha384sum sha1sum sha3sum b2sum b3sum md5sum shasum gpg gpg2 gpgv cosign minisign openssl slsa-verifier get-filehash certutil signify
  rekor-cli codesign spctl get-authenticodesignature signtool cksum rhash sha256 ssh-keygen sq`.split(/\s+/));

/** Downloads of a script that are run without a look at what came. */
export function executedDownloads(ast: ScriptAst): Download[] {
  if (!/curl|wget|iwr|irm|invoke-|downloadstring/i.test(ast.text)) return [];
  const found: Download[] = [];
  const checked = ast.commands.some(c => isCheck(c));
  for (const command of ast.commands) {
    const name = nameOf(unwrap(command.words)[0]);
    if (name === undefined) continue;
    if (/^(?:iex|invoke-expression)$/.test(name) && /\.DownloadString\s*\(/i.test(ast.text.slice(command.start, command.end))) {
      const url = /https?:\/\/[^\s'")]+/.exec(ast.text.slice(command.start, command.end))?.[0];
      found.push({ command, url, way: 'piped', runner: name });
    }
    if (!DOWNLOADERS.has(name)) continue;
    const urlWord = command.words.find(w => /^["']?https?:/i.test(ast.text.slice(w.start, w.end)));
    const url = urlWord && textOf(urlWord, ast);
    const runner = pipedInto(command) ?? substitutedInto(ast, command);
    if (runner) found.push({ command, url, urlWord, way: 'piped', runner });
    else if (!checked) {
      const file = savedAs(command, ast, url);
      const by = file && runOf(file, command, ast);
      if (by) found.push({ command, url, urlWord, way: 'saved', runner: by });
    }
  }
  return found;
}

function nameOf(word: Word | undefined): string | undefined {
  return word?.literal?.replace(/^.*[\\/]/, '').replace(/\.exe$/i, '').toLowerCase();
}

/** Without quotes, expansions as they are written. */
function textOf(word: Word, { text }: ScriptAst): string {
  return word.literal ?? text.slice(word.start, word.end).replaceAll(/["']/g, '');
}

function isCheck(command: Command): boolean {
  const words = unwrap(command.words), name = nameOf(words[0]);
  return name !== undefined && (CHECKS.has(name) || (name === 'gh' && words[1]?.literal === 'attestation'));
}

/** `curl … | sh`; the name of what reads it. */
function pipedInto(command: Command): string | undefined {
  const { parts } = command.pipeline;
  for (const part of parts.slice(parts.indexOf(command) + 1)) {
    if (part.kind !== 'command') return undefined;
    const words = unwrap(part.words), name = nameOf(words[0]);
    if (name === undefined) return undefined;
    if (name === 'iex' || name === 'invoke-expression') return name;
    if (SHELLS.test(name)) return shellReadsInput(part.words) || (/^(?:pwsh|powershell)$/.test(name) && words.slice(1).some(w => w.literal === '-')) ? name : undefined;
    if (INTERPRETERS.test(name)) return words.length === 1 || words[1]?.literal === '-' || words[1]?.literal === '--' ? name : undefined;
    if (!FILTERS.has(name)) return undefined;
  }
  return undefined;
}

/** `bash <(curl …)`, `sh -c "$(curl …)"`, `eval "$(curl …)"`, `iex (iwr …)`. */
function substitutedInto(ast: ScriptAst, command: Command): string | undefined {
  const { parts, list } = command.pipeline;
  if (list.inside !== 'substitution' || parts.slice(parts.indexOf(command) + 1).some(p => p.kind !== 'command' || !FILTERS.has(p.name ?? ''))) return undefined;
  const outer = commandsAt(ast, command.start).filter(c => c !== command && c.start < command.start && command.end <= c.end).at(-1);
  if (!outer) return undefined;
  const words = unwrap(outer.words), name = nameOf(words[0]);
  const at = words.findIndex(w => w.start <= command.start && command.end <= w.end);
  if (name === undefined || at < 1) return undefined;
  if (/^(?:eval|source|\.|iex|invoke-expression)$/.test(name)) return name;
  if (!SHELLS.test(name)) return undefined;
  const file = /^<\(/.test(ast.text.slice(words[at]!.start));
  const before = words.slice(1, at).map(w => w.literal ?? '');
  return (file && before.every(w => w.startsWith('-'))) || (!file && /^-[a-z]*c$/.test(before.at(-1) ?? '')) ? name : undefined;
}

function savedAs(command: Command, ast: ScriptAst, url: string | undefined): string | undefined {
  const words = command.words.map(w => textOf(w, ast)), wget = nameOf(command.words[0]) === 'wget' || words.includes('wget');
  for (const [i, word] of words.entries()) {
    if (wget ? /^(?:-O|--output-document)$|^-[a-zA-Z]*O$/.test(word) : /^(?:-o|--output|-OutFile)$|^-[a-zA-Z]*o$/i.test(word) && word !== '-O') return words[i + 1];
    const joined = /^--output(?:-document)?=(.*)$/.exec(word)?.[1];
    if (joined !== undefined) return joined;
  }
  const redirection = command.redirections.find(r => (r.operator === '>' || r.operator === '>|') && r.fd === undefined && r.target);
  if (redirection?.target) return textOf(redirection.target, ast);
  const last = url?.replace(/[?#].*$/, '').split('/').at(-1);
  return last && (wget || words.some(w => /^(?:-[a-zA-Z]*O[a-zA-Z]*|--remote-name)$/.test(w))) ? last : undefined;
}

function same(word: Word, file: string, ast: ScriptAst): boolean {
  const text = textOf(word, ast).replace(/^\.[\\/]/, '');
  return text !== '' && text === file.replace(/^\.[\\/]/, '');
}

/** What runs the file behind the download, as it is shown. */
function runOf(file: string, download: Command, ast: ScriptAst): string | undefined {
  if (file === '-' || file.startsWith('/dev/')) return undefined;
  for (const command of ast.commands) {
    if (command.start < download.end) continue;
    const words = unwrap(command.words), name = nameOf(words[0]);
    if (words[0] && same(words[0], file, ast) && /[\\/]/.test(textOf(words[0], ast))) return file;
    if (name === undefined) continue;
    const rest = words.slice(1);
    const holds = rest.some(w => same(w, file, ast));
    if (!holds) continue;
    if (name === 'chmod' && rest.some(w => /^(?:[ugoa]*\+[rwx]*x[rwx]*|0?[0-7]*[1357][0-7]*)$/.test(w.literal ?? ''))) return 'chmod +x';
    if (SHELLS.test(name) || INTERPRETERS.test(name) || /^(?:source|\.)$/.test(name)) {
      const first = rest.find(w => !(w.literal ?? '').startsWith('-'));
      if (first && same(first, file, ast) && !rest.some(w => /^-[cem]$/.test(w.literal ?? ''))) return name;
    }
    if (name === 'java' && rest.some((w, i) => w.literal === '-jar' && rest[i + 1] && same(rest[i + 1]!, file, ast))) return 'java -jar';
    if (name === 'dpkg' && rest.some(w => /^(?:-i|--install)$/.test(w.literal ?? ''))) return 'dpkg -i';
  }
  return undefined;
}
