/** The config file's shape as data: a JSON schema for editors and documentation, and completion from the same vocabulary. */
import type { OffsetRange } from '../workflow/document';
import { CONFIG_KEYS, type ConfigVocabulary } from './config';
import { SEVERITIES, type AnyRule, type OptionSpec, type OptionSpecs } from './rule';

export type JsonSchema = { readonly [key: string]: unknown };

const LEVELS = ['off', ...SEVERITIES];
const KEY_DOCS: Readonly<Record<(typeof CONFIG_KEYS)[number], string>> = {
  'profile': 'Which rules are on: `recommended` (default) or `strict`.',
  'rules': 'Severity and options by rule; `off` turns a rule off, a severity turns it on.',
  'ignore': 'Findings that are not shown, by rule and path, with a reason and an end date.',
  'trusted-owners': 'Owners or repositories whose actions need no pin.',
  'targets': 'The maturity level aimed at, overall or by score category.',
};

/** JSON schema (draft 7) of `.github/ci-hardening.yml`, in the order of the registry. */
export function configSchema(vocabulary: ConfigVocabulary): JsonSchema {
  const targets = ['overall', ...(vocabulary.categories ?? [])];
  const level = { type: 'integer', minimum: 1, maximum: 5 };
  const day = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'CI Hardening',
    type: 'object',
    additionalProperties: false,
    properties: {
      'profile': { description: KEY_DOCS.profile, enum: ['recommended', 'strict'], default: 'recommended' },
      'rules': {
        description: KEY_DOCS.rules, type: 'object', additionalProperties: false,
        properties: Object.fromEntries(vocabulary.rules.map(r => [r.id, ruleSchema(r)])),
      },
      'ignore': {
        description: KEY_DOCS.ignore, type: 'array',
        items: {
          type: 'object', additionalProperties: false, required: ['rule'],
          properties: {
            rule: { description: 'Rule id, or `*`.', enum: ['*', ...vocabulary.rules.map(r => r.id), ...(vocabulary.practices ?? [])] },
            path: { description: 'Glob, relative to the repository\'s root.', type: 'string' },
            reason: { type: 'string' },
            until: { description: 'The last day that it counts.', ...day },
          },
        },
      },
      'trusted-owners': { description: KEY_DOCS['trusted-owners'], type: 'array', items: { type: 'string', pattern: '^[\\w-]+(/[\\w.-]+)?$' } },
      'targets': {
        description: KEY_DOCS.targets, type: 'object', additionalProperties: false,
        properties: Object.fromEntries(targets.map(t => [t, {
          anyOf: [level, { type: 'object', additionalProperties: false, required: ['level'], properties: { level, by: day } }],
        }])),
      },
    },
  };
}

function ruleSchema(rule: AnyRule): JsonSchema {
  const severity = { enum: LEVELS };
  const options = Object.entries((rule.options ?? {}) as OptionSpecs).map(([name, spec]) => [name, optionSchema(spec)] as const);
  return {
    description: `${rule.docs.summary} Default: ${rule.severity}, ${rule.profile}.`,
    anyOf: [severity, {
      type: 'object', additionalProperties: false,
      properties: {
        severity,
        ...(options.length > 0 && { options: { type: 'object', additionalProperties: false, properties: Object.fromEntries(options) } }),
      },
    }],
  };
}

function optionSchema(spec: OptionSpec): JsonSchema {
  const about = { description: spec.description, default: spec.default };
  if (spec.enum) return { ...about, enum: spec.enum };
  if (Array.isArray(spec.default)) return { ...about, type: 'array', items: { type: typeof (spec.default[0] ?? '') } };
  return { ...about, type: typeof spec.default };
}

export interface ConfigCompletion {
  readonly label: string;
  readonly insertText: string;
  readonly detail: string;
  readonly documentation?: string;
  /** What the insertion replaces. */
  readonly range: OffsetRange;
  readonly kind: 'key' | 'value';
}

interface Suggestion { readonly label: string; readonly detail: string; readonly documentation?: string }

/** Keys and values that fit at an offset. Works on half-typed text: it goes by indentation alone. */
export function completeConfig(text: string, offset: number, vocabulary: ConfigVocabulary): ConfigCompletion[] {
  const lineStart = Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1;
  const before = text.slice(lineStart, offset);
  if (/(?:^|\s)#/.test(before)) return [];
  const value = /^(\s*(?:-\s+)?)([\w*-]+):\s+(\S*)$/.exec(before);
  const start = offset - /[\w*-]*$/.exec(before)![0].length;
  const range = { start, end: offset + /^[\w-]*/.exec(text.slice(offset))![0].length };
  if (value) {
    const path = [...parents(text, lineStart, value[1]!.length), value[2]!];
    return valuesAt(path, vocabulary).map(s => ({ ...s, insertText: s.label, kind: 'value', range }));
  }
  const key = /^(\s*(-\s+)?)[\w*-]*$/.exec(before);
  if (!key) return [];
  const path = parents(text, lineStart, key[1]!.length);
  if (path.at(-1) === 'trusted-owners') return [];
  const taken = siblings(text, lineStart, key[1]!.length);
  return keysAt(path, vocabulary).filter(s => !taken.has(s.label)).map(s => ({ ...s, insertText: `${s.label}: `, kind: 'key', range }));
}

/** Keys above a line that are indented less and less; a list item counts as its list's key. */
function parents(text: string, before: number, indent: number): string[] {
  const path: string[] = [];
  let limit = indent;
  const lines = text.slice(0, before).split(/\r\n|\r|\n/);
  for (let i = lines.length - 1; i >= 0 && limit > 0; i--) {
    const m = /^(\s*(?:-\s+)?)([^\s#:][^:#]*):/.exec(lines[i]!);
    if (!m || m[1]!.length >= limit) continue;
    path.unshift(m[2]!.trim());
    limit = m[1]!.length;
  }
  return path;
}

function siblings(text: string, lineStart: number, indent: number): Set<string> {
  const found = new Set<string>();
  const scan = (lines: readonly string[]): void => {
    for (const line of lines) {
      if (/^\s*(?:#|$)/.test(line)) continue;
      const m = /^(\s*(-\s+)?)([\w*-]+):/.exec(line);
      if ((m ? m[1]!.length : line.search(/\S/)) < indent) return;
      if (m && m[1]!.length === indent) found.add(m[3]!);
      // A dash begins another item.
      if (m?.[2] && m[1]!.length === indent) return;
    }
  };
  const here = text.slice(lineStart).split(/\r\n|\r|\n/);
  if (!/^\s*-\s/.test(here[0]!)) scan(text.slice(0, lineStart).split(/\r\n|\r|\n/).reverse());
  const rest = here.slice(1);
  const nextItem = rest.findIndex(l => /^\s*-\s/.test(l));
  scan(nextItem < 0 ? rest : rest.slice(0, nextItem));
  return found;
}

function keysAt(path: readonly string[], { rules, categories = [] }: ConfigVocabulary): Suggestion[] {
  const [top, second, third] = path;
  if (top === undefined) return CONFIG_KEYS.map(k => ({ label: k, detail: KEY_DOCS[k] }));
  if (top === 'rules') {
    if (second === undefined) return rules.map(r => ({ label: r.id, detail: r.docs.summary, documentation: r.docs.why }));
    const rule = rules.find(r => r.id === second);
    if (!rule) return [];
    if (third === undefined) return [{ label: 'severity', detail: 'Its severity here, or off.' }, { label: 'options', detail: 'Options of the rule.' }];
    return third === 'options' && path.length === 3
      ? Object.entries((rule.options ?? {}) as OptionSpecs).map(([label, o]) => ({ label, detail: o.description })) : [];
  }
  if (top === 'ignore' && second === undefined) {
    return [
      { label: 'rule', detail: 'Rule id, or *.' }, { label: 'path', detail: 'Glob, relative to the repository\'s root.' },
      { label: 'reason', detail: 'Why it is ignored.' }, { label: 'until', detail: 'The last day that it counts, YYYY-MM-DD.' },
    ];
  }
  if (top === 'targets') {
    if (second === undefined) return ['overall', ...categories].map(label => ({ label, detail: 'Level from 1 to 5.' }));
    return path.length === 2 ? [{ label: 'level', detail: 'Level from 1 to 5.' }, { label: 'by', detail: 'The day it is aimed at.' }] : [];
  }
  return [];
}

function valuesAt(path: readonly string[], { rules, practices = [] }: ConfigVocabulary): Suggestion[] {
  const [top, second, third, fourth] = path;
  const levels = LEVELS.map(label => ({ label, detail: label === 'off' ? 'Not checked.' : `Severity ${label}.` }));
  if (top === 'profile' && path.length === 1) {
    return [{ label: 'recommended', detail: 'What a maintainer would thank you for.' }, { label: 'strict', detail: 'Everything.' }];
  }
  if (top === 'rules' && second !== undefined) {
    if (path.length === 2 || (path.length === 3 && third === 'severity')) return levels;
    const options = (rules.find(r => r.id === second)?.options ?? {}) as OptionSpecs;
    const spec = path.length === 4 && third === 'options' && Object.hasOwn(options, fourth!) ? options[fourth!] : undefined;
    const values = spec?.enum ?? (typeof spec?.default === 'boolean' ? [true, false] : []);
    return values.map(v => ({ label: String(v), detail: spec!.description }));
  }
  if (top === 'ignore' && path.length === 2 && second === 'rule') {
    return [...rules.map(r => ({ label: r.id, detail: r.docs.summary })), ...practices.map(label => ({ label, detail: 'Practice.' }))];
  }
  if (top === 'targets' && (path.length === 2 || (path.length === 3 && third === 'level'))) {
    return ['1', '2', '3', '4', '5'].map(label => ({ label, detail: 'Level.' }));
  }
  return [];
}
