import pc from 'picocolors';

export type Colours = ReturnType<typeof pc.createColors>;

export function colours(on: boolean): Colours { return pc.createColors(on); }

/** Colours are for a terminal whose user has not said no. */
export function wantsColour(stream: { readonly isTTY?: boolean }): boolean {
  if (process.env.NO_COLOR !== undefined && process.env.NO_COLOR !== '') return false;
  if (process.env.FORCE_COLOR !== undefined && process.env.FORCE_COLOR !== '' && process.env.FORCE_COLOR !== '0') return true;
  return stream.isTTY === true && process.env.TERM !== 'dumb';
}

export function plural(n: number, word: string): string { return `${n} ${word}${n === 1 ? '' : 's'}`; }

/**
 * A repository's text on one line without control characters and without marks that turn the writing direction: a file name must
 * not move the cursor, recolour the terminal or read as something else.
 */
export function printable(text: string): string {
  return text.replace(/[\n\t]/g, ' ').replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Resolves when everything was handed over: an exit right after a write would cut off a pipe. */
export function write(text: string, stream: NodeJS.WriteStream = process.stdout): Promise<void> {
  if (text === '') return Promise.resolve();
  return new Promise((resolve, reject) => {
    stream.write(text, error => {
      // Whoever reads has seen enough (`| head`).
      if (!error || (error as NodeJS.ErrnoException).code === 'EPIPE') resolve(); else reject(error);
    });
  });
}
