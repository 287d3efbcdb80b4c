/** Events that start workflows: what may stand below each of them. Made from the schema of GitHub's own parser. */
import eventsData from './data/events.json';

export interface EventInfo {
  /** Activity types; undefined for an event without them, empty where they are the sender's own (`repository_dispatch`). */
  readonly types?: readonly string[];
  /** Every key that may stand below it, `types` among them: `branches`, `paths-ignore`, `inputs`. */
  readonly keys: readonly string[];
}

const EVENTS: ReadonlyMap<string, EventInfo> = new Map(Object.entries(eventsData as Readonly<Record<string, EventInfo>>));

/** An event by its exact name; undefined for one that the schema doesn't have. */
export function eventInfo(name: string): EventInfo | undefined {
  return EVENTS.get(name);
}

/** Every event, in alphabetical order. */
export function eventNames(): string[] {
  return [...EVENTS.keys()];
}
