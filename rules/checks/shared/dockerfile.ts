/** What a Dockerfile is built from. */

export interface BaseImage {
  /** As written, with the defaults of `ARG` put in. */
  readonly image: string;
  /** Offsets of the image in the file. */
  readonly start: number;
  readonly end: number;
}

const MAX_LENGTH = 200_000;

/** The images of `FROM`, earlier stages and `scratch` left out, and those that an argument without default decides. Linear. */
export function baseImages(text: string): BaseImage[] {
  if (text.length > MAX_LENGTH) return [];
  const found: BaseImage[] = [], stages = new Set<string>(), args = new Map<string, string>();
  let offset = 0, heredoc: string | undefined, continued = false, from = false;
  for (const raw of text.split('\n')) {
    const at = offset, line = raw.replace(/\r$/, '');
    offset += raw.length + 1;
    if (heredoc !== undefined) {
      if (line.trim() === heredoc) heredoc = undefined;
      continue;
    }
    if (/^\s*(?:#|$)/.test(line)) continue;
    const inside = continued;
    continued = /[\\`]\s*$/.test(line);
    if (inside) continue;
    const arg = /^\s*ARG\s+(\w+)=("?)([^\s"]*)\2\s*$/i.exec(line);
    if (arg && !from) args.set(arg[1]!, arg[3]!);
    const here = /^\s*(?:RUN|COPY|ADD)\b.*<<-?\s*["']?(\w+)["']?/i.exec(line);
    if (here) heredoc = here[1];
    const match = /^(\s*FROM\s+(?:--\S+\s+)*)(\S+)(?:\s+AS\s+(\S+))?/i.exec(line);
    if (!match) continue;
    from = true;
    const image = fill(match[2]!, args), start = at + match[1]!.length;
    if (image !== undefined && image !== 'scratch' && !stages.has(image.toLowerCase())) found.push({ image, start, end: start + match[2]!.length });
    if (match[3]) stages.add(match[3].toLowerCase());
  }
  return found;
}

/** Undefined where only the build knows. */
function fill(image: string, args: ReadonlyMap<string, string>): string | undefined {
  let known = true;
  const out = image.replace(/\$\{(\w+)(?::-([^}]*))?\}|\$(\w+)/g, (_, name: string | undefined, fallback: string | undefined, bare: string | undefined) => {
    const value = args.get(name ?? bare ?? '') ?? fallback;
    if (value === undefined) known = false;
    return value ?? '';
  });
  return known && out !== '' && !out.includes('$') ? out : undefined;
}
