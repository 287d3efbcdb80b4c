import type { ScalarNode } from '../nodes';

const NUMBER = /^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/;

/** YAML 1.2 core schema for a plain scalar. */
export function plainType(value: string): ScalarNode['type'] {
  const c = value.charCodeAt(0);
  // Almost every scalar is a word: decide by its first character before any regular expression runs.
  if (c >= 48 && c <= 57 || c === 43 || c === 45 || c === 46) return NUMBER.test(value) ? 'number' : 'string';
  switch (value.length) {
    case 0: return 'null';
    case 1: return value === '~' ? 'null' : 'string';
    case 4:
      if (value === 'true' || value === 'True' || value === 'TRUE') return 'boolean';
      return value === 'null' || value === 'Null' || value === 'NULL' ? 'null' : 'string';
    case 5: return value === 'false' || value === 'False' || value === 'FALSE' ? 'boolean' : 'string';
    default: return 'string';
  }
}
