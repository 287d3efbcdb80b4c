/** What the settings of an update say, for rules about dependabot.yml. */
import type { DependabotUpdate } from '../../workflow/model';
import { getEntry, scalarText, type MappingNode } from '../../workflow/nodes';

/** As it is shown; `Its` where the entry doesn't name one yet. */
export function ecosystemOf(update: DependabotUpdate): string {
  return update.ecosystem?.value || 'Its';
}

/** Version updates are turned off: what is left are security updates, which wait for nothing and come one by one. */
export function isSecurityOnly(update: DependabotUpdate): boolean {
  return scalarText(getEntry(update.node, 'open-pull-requests-limit')?.value) === '0';
}

/** Takes keys over from an anchor: what it says can't be told from its own keys. */
export function isInherited({ node }: { readonly node: MappingNode }): boolean {
  return getEntry(node, '<<') !== undefined;
}
