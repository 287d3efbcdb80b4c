import type { Word } from './ast';

const SHELLS = new Set(['sh', 'bash', 'zsh', 'dash', 'ash', 'ksh']);
/** Words in front of a command that run it. */
const WRAPPERS = new Set(['sudo', 'env', 'exec', 'command', 'nohup', 'time', 'timeout', 'nice', 'xvfb-run', 'doas', 'builtin']);

function baseName(word: Word | undefined): string | undefined {
  return word?.literal?.replace(/^.*\//, '');
}

/** A command's words without `sudo`, `env A=b`, `timeout 5` and the like in front. */
export function unwrap(words: readonly Word[]): readonly Word[] {
  let i = 0;
  while (i < words.length - 1 && WRAPPERS.has(baseName(words[i]) ?? '')) {
    const wrapper = baseName(words[i]);
    i++;
    for (; i < words.length - 1; i++) {
      const text = words[i]!.literal;
      const option = text?.startsWith('-') || (wrapper === 'env' && text?.includes('=')) || (wrapper === 'timeout' && /^\d/.test(text ?? ''));
      if (!option) break;
      if (wrapper === 'sudo' && /^-[ugpCRT]$/.test(text!)) i++;
    }
  }
  return words.slice(i);
}

/** A shell that takes its commands from standard input: `bash -s`, `sudo sh`, `ssh host`, `docker exec -i c bash`. */
export function shellReadsInput(words: readonly Word[]): boolean {
  const rest = unwrap(words), name = baseName(rest[0]);
  if (!name) return false;
  if (SHELLS.has(name)) return !rest.slice(1).some(w => w.literal === undefined || !w.literal.startsWith('-') || /^-[a-z]*c/.test(w.literal)) || rest.some(w => w.literal === '-s');
  if (name === 'ssh') return rest.length > 1;
  return (name === 'docker' || name === 'podman' || name === 'kubectl') && SHELLS.has(baseName(rest.at(-1)) ?? '');
}
