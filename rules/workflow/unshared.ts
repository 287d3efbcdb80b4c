/**
 * The same text as a string of its own. A part of a string keeps the whole one alive in most engines: what outlives a document (keys and
 * values of tables that serve all documents) must not be a piece of it, or each version of a large file stays for one short name.
 */
export function unshared(text: string): string { return ` ${text}`.slice(1); }
