import { SEVERITIES } from '../../rules/engine/rule';
import type { Settings } from '../protocol';

export const SECTION = 'ciHardening';

export const DEFAULT_SETTINGS: Settings = {
  profile: 'recommended', rules: {}, trustedOwners: [], network: { enabled: true, githubUrl: 'https://github.com', checkPins: false }, missingPractices: true,
  inlayHints: { versions: true, permissions: false },
};

/** Without encryption only on this machine: see `addresses` in `github/names.ts`, which looks closer. */
const GITHUB_URL = /^(?:https:\/\/[^\s/]+|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?=\/|$))/i;

/** Settings as a client sent them, with the default wherever a value is missing or is not of its kind. */
export function readSettings(value: unknown): Settings {
  const given = record(value);
  const network = record(given.network);
  const inlayHints = record(given.inlayHints);
  const rules: Record<string, string> = {};
  for (const [id, severity] of Object.entries(record(given.rules))) {
    if (typeof severity === 'string' && (severity === 'off' || (SEVERITIES as readonly string[]).includes(severity))) rules[id] = severity;
  }
  return {
    profile: given.profile === 'strict' ? 'strict' : 'recommended',
    rules,
    trustedOwners: Array.isArray(given.trustedOwners) ? given.trustedOwners.filter((o): o is string => typeof o === 'string' && o !== '') : [],
    network: {
      enabled: typeof network.enabled === 'boolean' ? network.enabled : DEFAULT_SETTINGS.network.enabled,
      githubUrl: typeof network.githubUrl === 'string' && GITHUB_URL.test(network.githubUrl) ? network.githubUrl : DEFAULT_SETTINGS.network.githubUrl,
      checkPins: network.checkPins === true,
    },
    ...(given.officialExtension === true ? { officialExtension: true } : {}),
    ...(given.schemaExtension === true ? { schemaExtension: true } : {}),
    inlayHints: {
      versions: typeof inlayHints.versions === 'boolean' ? inlayHints.versions : DEFAULT_SETTINGS.inlayHints.versions,
      permissions: typeof inlayHints.permissions === 'boolean' ? inlayHints.permissions : DEFAULT_SETTINGS.inlayHints.permissions,
    },
    missingPractices: typeof given.missingPractices === 'boolean' ? given.missingPractices : DEFAULT_SETTINGS.missingPractices,
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {};
}
