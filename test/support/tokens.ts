/**
 * Credentials that were never issued, put together when they are needed: a repository that holds texts in these formats is blocked by
 * GitHub's push protection and reported by every scanner. A fixture says `@@token:github@@`.
 */
import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** GitHub's check sum, by another implementation of CRC-32 than the rules use. */
export function withCheckSum(random: string): string {
  let rest = crc32(random), tail = '';
  while (tail.length < 6) {
    tail = BASE62[rest % 62]! + tail;
    rest = Math.floor(rest / 62);
  }
  return random + tail;
}

/** Readable, so that nobody takes it for real, and as mixed as a real one. */
const WORDS = 'N0tIssued8yAnybodyZ4M4dePxUpQ7ForTh1sCheckOnlyK9wVbJ2hGdL5rEs3Tn6CmXuYiRoAqWzSvBf';
const chars = (n: number): string => WORDS.repeat(2).slice(0, n);
const hex = (n: number): string => '9f3b7c1e5a8d2046e7b19c4f6d0a83525e1c7f9b3d8a6042c5e9f1b7a3d80c46'.slice(0, n);
const join = (...parts: string[]): string => parts.join('');
const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export const TOKENS: Readonly<Record<string, () => string>> = {
  github: () => join('gh', 'p_', withCheckSum(chars(30))),
  'github-wrong-sum': () => join('gh', 'p_', chars(36)),
  'github-app': () => join('gh', 's_', withCheckSum(chars(30))),
  'github-fine': () => join('github', '_pat_', chars(22), '_', chars(59)),
  gitlab: () => join('gl', 'pat-', chars(20)),
  'aws-id': () => join('AK', 'IA', 'QW4XM7ZKP2RTVH5N'),
  'aws-secret': () => join('N0tIssued8yAnybody/', 'Z4M4dePxUp+Q7ForTh1sC'),
  slack: () => join('xo', 'xb-', '204918273645', '-', '837465192038', '-', chars(24)),
  'slack-webhook': () => join('https://hooks.', 'slack.com/services/', 'T0NOBODY9/', 'B0NOBODY7/', chars(24)),
  stripe: () => join('sk_', 'live_', chars(24)),
  google: () => join('AI', 'za', chars(35)),
  npm: () => join('np', 'm_', chars(36)),
  pypi: () => join('pypi-', 'AgEIcHlwaS5vcmc', chars(70)),
  openai: () => join('s', 'k-', chars(24), 'T3Blbk', 'FJ', chars(24)),
  anthropic: () => join('s', 'k-ant-', 'api03-', chars(82), chars(11)),
  sendgrid: () => join('S', 'G.', chars(22), '.', chars(43)),
  'twilio-id': () => join('A', 'C', hex(32)),
  'twilio-secret': () => hex(64).slice(30, 62),
  telegram: () => join('2049182736', ':', 'AA', chars(33)),
  docker: () => join('dckr', '_pat_', chars(27)),
  azure: () => join('Account', 'Key=', chars(80), 'xQ4/9z', '=='),
  entra: () => join('k7N', '8', 'Q', '~', chars(33)),
  discord: () => join('https://discord.', 'com/api/webhooks/', '204918273645019283/', chars(68)),
  rubygems: () => join('ruby', 'gems_', hex(48)),
  digitalocean: () => join('dop', '_v1_', hex(64)),
  jwt: () => join(base64url({ alg: 'HS256', typ: 'JWT' }), '.', base64url({ sub: 'nobody', iss: 'https://issuer.invalid', iat: 1790000321 }), '.', chars(43)),
  key: () => join('-----BEGIN ', 'RSA PRIVATE KEY-----', '\\n', chars(64), '\\n'),
};

/** A text with its `@@token:<kind>@@` filled in. */
export function withTokens(text: string): string {
  return text.replace(/@@token:([\w-]+)@@/g, (_, kind: string) => {
    const token = TOKENS[kind];
    if (!token) throw new Error(`no token is called ${kind}`);
    return token();
  });
}
