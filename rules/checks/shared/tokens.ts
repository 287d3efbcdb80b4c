/**
 * Finds credentials in text by the formats that their issuers document: a prefix, a length, an alphabet and, where there is one, a
 * check sum. What looks made up is left out. Every pattern is bounded, and is tried only where its prefix begins a word.
 */
import { hasCrcTail, isMadeUp, jwtPart } from './token-plausibility';

export interface FoundToken {
  /** `GitHub token`. */
  readonly what: string;
  /** What may be shown: the prefix that all of them have. */
  readonly prefix: string;
  readonly start: number;
  readonly end: number;
  /** A check sum or a structure says so, not the look alone. */
  readonly certain: boolean;
}

interface Format {
  readonly what: string;
  readonly prefix: string;
  /** Sticky; the first group is the random part. */
  readonly pattern: RegExp;
  readonly certain?: boolean;
  /** Asked in addition. */
  accepts?(random: string, text: string): boolean;
  /** The secret where it stands beside an identifier; offsets in the text. */
  secret?(text: string, start: number, end: number): { readonly start: number; readonly end: number } | undefined;
}

const format = (what: string, prefix: string, body: string, more: Partial<Format> = {}): Format =>
  ({ what, prefix, pattern: new RegExp(`${prefix.replaceAll('.', '\\.')}${body}`, 'y'), ...more });

const checked = { accepts: hasCrcTail, certain: true } as const;
const W = '[A-Za-z0-9_-]', AN = '[A-Za-z0-9]', HEX = '[0-9a-f]';
/** Behind the token: nothing that would make it longer. */
const END = '(?![A-Za-z0-9_-])';

const FORMATS: readonly Format[] = [
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map(p => format('GitHub token', p, `(${AN}{36})${END}`, checked)),
  format('GitHub token', 'github_pat_', `(${AN}{22}_${AN}{59})${END}`),
  ...['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glsoat-'].map(p => format('GitLab token', p, `(${W}{20,300})(?![A-Za-z0-9_-])`)),
  ...['AKIA', 'ASIA'].map(p => format('AWS secret access key', p, `([A-Z2-7]{16})${END}`, { secret: awsSecret })),
  ...['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-'].map(p => format('Slack token', p, `(\\d{9,13}-\\d{9,13}(?:-\\d{9,13})?-${AN}{24,64})${END}`, { accepts: r => !isMadeUp(r.slice(r.lastIndexOf('-') + 1)) })),
  format('Slack app token', 'xapp-', `(\\d-[A-Z0-9]{9,12}-\\d{10,14}-${HEX}{64})${END}`),
  format('Slack webhook', 'https://hooks.slack.com/services/', `T[A-Z0-9]{7,12}/B[A-Z0-9]{7,12}/(${AN}{24})${END}`),
  format('Discord webhook', 'https://discord.com/api/webhooks/', `\\d{17,20}/(${W}{60,72})${END}`),
  format('Stripe key', 'sk_live_', `(${AN}{24,247})${END}`), format('Stripe key', 'rk_live_', `(${AN}{24,247})${END}`),
  format('Google API key', 'AIza', `(${W}{35})${END}`),
  format('npm token', 'npm_', `(${AN}{36})${END}`),
  format('PyPI token', 'pypi-AgEIcHlwaS5vcmc', `(${W}{50,500})${END}`, { certain: true }),
  format('TestPyPI token', 'pypi-AgENdGVzdC5weXBpLm9yZw', `(${W}{50,500})${END}`, { certain: true }),
  format('RubyGems key', 'rubygems_', `(${HEX}{48})${END}`),
  format('Anthropic key', 'sk-ant-', `(?:api|admin|oat|sid)\\d\\d-(${W}{80,120})${END}`),
  format('OpenAI key', 'sk-', `(${W}{20,200}?T3BlbkFJ${W}{20,200})${END}`, { certain: true }),
  format('SendGrid key', 'SG.', `(${W}{22}\\.${W}{43})${END}`),
  format('Twilio credential', 'AC', `(${HEX}{32})${END}`, { secret: twilioSecret }),
  format('Hugging Face token', 'hf_', `([A-Za-z]{34})${END}`),
  format('DigitalOcean token', 'dop_v1_', `(${HEX}{64})${END}`),
  format('Databricks token', 'dapi', `(${HEX}{32})${END}`),
  format('Docker token', 'dckr_pat_', `(${W}{27})${END}`), format('Docker token', 'dckr_oat_', `(${W}{27,32})${END}`),
  format('Vault token', 'hvs.', `(${W}{90,120})${END}`),
  format('Shopify token', 'shpat_', `(${HEX}{32})${END}`),
  format('Pulumi token', 'pul-', `(${HEX}{40})${END}`),
  format('Azure storage key', 'AccountKey=', '([A-Za-z0-9+/]{86}==)'),
  format('Azure shared access key', 'SharedAccessKey=', '([A-Za-z0-9+/]{43}=)(?![A-Za-z0-9+/=])'),
  ...['', 'RSA ', 'EC ', 'DSA ', 'OPENSSH '].map(kind => format('private key', `-----BEGIN ${kind}PRIVATE KEY-----`, '(?:\\\\n|[\\s"\'+,]){1,60}([A-Za-z0-9+/]{40,80})')),
  format('PGP private key', '-----BEGIN PGP PRIVATE KEY BLOCK-----', '(?:\\\\n|\\s){1,60}(?:Version:[^\\n]{0,80}\\n\\s{0,40})?([A-Za-z0-9+/]{40,80})'),
  format('JSON web token', 'eyJ', `(${W}{10,500}\\.eyJ${W}{10,4000}\\.${W}{20,1000})(?![A-Za-z0-9_.-])`, { accepts: (_, text) => isLiveJwt(text) }),
];

/** One look for all prefixes; what it finds is looked at closely. */
const PREFIXES = new RegExp(FORMATS.map(f => f.prefix).filter((p, i, all) => all.indexOf(p) === i)
  .sort((a, b) => b.length - a.length).map(p => p.replace(/[.+]/g, '\\$&')).join('|'), 'g');
const BY_PREFIX = new Map<string, Format[]>();
for (const f of FORMATS) BY_PREFIX.set(f.prefix, [...(BY_PREFIX.get(f.prefix) ?? []), f]);

/** `<bot id>:<secret>` has no prefix but the two letters that all secrets begin with. */
const TELEGRAM = format('Telegram bot token', ':AA', `(${W}{33})${END}`);
/** Microsoft Entra: `abc8Q~…`, three characters and a digit in front. */
const ENTRA = format('Microsoft Entra client secret', 'Q~', `([A-Za-z0-9_.~-]{31,34})(?![A-Za-z0-9_.~-])`);

/** Every credential in a text, in order. */
export function findTokens(text: string): FoundToken[] {
  const found: FoundToken[] = [];
  PREFIXES.lastIndex = 0;
  for (let hit = PREFIXES.exec(text); hit; hit = PREFIXES.exec(text)) {
    const start = hit.index;
    // One that begins inside of a word is a part of something else. The next prefix may begin inside of this one.
    PREFIXES.lastIndex = start + 1;
    if (/[A-Za-z0-9_-]/.test(text[start - 1] ?? '') && !hit[0].startsWith('-----')) continue;
    const token = readAt(text, start, BY_PREFIX.get(hit[0]) ?? []);
    if (!token) continue;
    found.push(token);
    PREFIXES.lastIndex = Math.max(token.end, start + 1);
  }
  found.push(...middles(text, TELEGRAM, /(?<!\d)\d{8,10}$/, 10), ...middles(text, ENTRA, /(?<![A-Za-z0-9_.~-])[A-Za-z0-9_.~-]{3}\d$/, 5));
  return found.sort((a, b) => a.start - b.start);
}

function readAt(text: string, start: number, formats: readonly Format[]): FoundToken | undefined {
  for (const f of formats) {
    f.pattern.lastIndex = start;
    const match = f.pattern.exec(text);
    const random = match?.[1];
    if (!match || random === undefined || isMadeUp(random) || (f.accepts && !f.accepts(random, match[0]))) continue;
    const whole = { start, end: start + match[0].length };
    const place = f.secret ? f.secret(text, whole.start, whole.end) : whole;
    if (place) return { what: f.what, prefix: f.secret ? '' : f.prefix.slice(0, 30), certain: f.certain === true, ...place };
  }
  return undefined;
}

/** Formats that are known by something in their middle. */
function middles(text: string, f: Format, before: RegExp, width: number): FoundToken[] {
  const found: FoundToken[] = [];
  for (let at = text.indexOf(f.prefix); at >= 0; at = text.indexOf(f.prefix, at + 1)) {
    const head = before.exec(text.slice(Math.max(0, at - width - 1), at));
    f.pattern.lastIndex = at;
    const match = head && f.pattern.exec(text);
    if (!head || !match || isMadeUp(match[1]!)) continue;
    found.push({ what: f.what, prefix: '', start: at - head[0].length, end: at + match[0].length, certain: false });
  }
  return found;
}

/** How far from its identifier a secret is looked for, in characters. */
const NEAR = 240;

function near(text: string, start: number, end: number, pattern: RegExp, accepts: (secret: string) => boolean): { start: number; end: number } | undefined {
  const from = Math.max(0, start - NEAR), window = text.slice(from, end + NEAR);
  for (const match of window.matchAll(pattern)) {
    const at = from + match.index;
    if ((at >= end || at + match[0].length <= start) && accepts(match[0])) return { start: at, end: at + match[0].length };
  }
  return undefined;
}

/** Forty characters of base64 beside the key's identifier. Commits are lower-case hex. */
function awsSecret(text: string, start: number, end: number): { start: number; end: number } | undefined {
  return near(text, start, end, /(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g,
    s => /[A-Z]/.test(s) && /[a-z]/.test(s) && /\d/.test(s) && !/\/.*\/.*\/|[a-z]{10}/.test(s) && !isMadeUp(s));
}

function twilioSecret(text: string, start: number, end: number): { start: number; end: number } | undefined {
  return near(text, start, end, /(?<![A-Za-z0-9])[0-9a-f]{32}(?![A-Za-z0-9])/g, s => !isMadeUp(s));
}

/** Signed, and neither a manual's nor one that is meant to be public. */
function isLiveJwt(token: string): boolean {
  const [head, body] = token.split('.');
  const header = jwtPart(head ?? ''), payload = jwtPart(body ?? '');
  if (!header || !payload || typeof header['alg'] !== 'string' || header['alg'].toLowerCase() === 'none') return false;
  const says = JSON.stringify(payload);
  return payload['role'] !== 'anon' && !/1234567890|John Doe|demo|example|test/i.test(says);
}
