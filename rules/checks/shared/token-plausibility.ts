/** Tells a token that somebody was given from one that somebody made up for a manual. */

/** Words and runs that no generator makes, and that every manual has. */
const MADE_UP = /example|sample|dummy|fake|placeholder|redacted|change.?me|insert|replace|your|notreal|foobar|xxxx|0000000|(.)\1{5}/i;
const RUNS = ['0123456789', '1234567890', 'abcdefghijklmnopqrstuvwxyz', 'zyxwvutsrqponmlkjihgfedcba', '9876543210', 'qwertyuiop'];
/** Characters in a row of the alphabet, the digits or a keyboard. */
const RUN_LENGTH = 7;

/** Bits per character. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const c of text) counts.set(c, (counts.get(c) ?? 0) + 1);
  let bits = 0;
  for (const n of counts.values()) bits -= (n / text.length) * Math.log2(n / text.length);
  return bits;
}

/** Whether a token's random part looks made up. */
export function isMadeUp(text: string): boolean {
  if (MADE_UP.test(text)) return true;
  const lower = text.toLowerCase();
  for (const run of RUNS) {
    for (let i = 0; i + RUN_LENGTH <= run.length; i++) if (lower.includes(run.slice(i, i + RUN_LENGTH))) return true;
  }
  // Hex has four bits at most, and short texts can't reach theirs.
  const possible = Math.min(Math.log2(text.length), /^[0-9a-f]*$/i.test(text) ? 4 : 5.95);
  return entropy(text) < possible * 0.72;
}

let table: Uint32Array | undefined;

/** CRC-32 (IEEE) of an ASCII text. */
export function crc32(text: string): number {
  if (!table) {
    table = new Uint32Array(256);
    for (let i = 0; i < 256; i++) {
      let c = i;
      for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
      table[i] = c >>> 0;
    }
  }
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i++) crc = (table[(crc ^ text.charCodeAt(i)) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** GitHub's check: the last six characters are the CRC-32 of the rest in base 62. `body` is what stands behind `ghp_`. */
export function hasCrcTail(body: string): boolean {
  let rest = crc32(body.slice(0, -6)), tail = '';
  for (let i = 0; i < 6; i++) {
    tail = BASE62[rest % 62]! + tail;
    rest = Math.floor(rest / 62);
  }
  return body.endsWith(tail);
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The JSON object that a part of a JWT holds; undefined where it is none. Characters outside of ASCII come out as bytes. */
export function jwtPart(text: string): Readonly<Record<string, unknown>> | undefined {
  let bits = 0, held = 0, out = '';
  for (const c of text) {
    const at = BASE64.indexOf(c);
    if (at < 0) return undefined;
    held = ((held << 6) | at) & 0xfffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += String.fromCharCode((held >> bits) & 0xff);
    }
  }
  try {
    const value: unknown = JSON.parse(out);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : undefined;
  } catch {
    return undefined;
  }
}
