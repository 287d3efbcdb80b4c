import { eventFacts } from '../../../../rules/catalog/event-facts';
import type { FileContext } from '../context';
import { contains, type HoverPart } from './part';

/** Who can start the workflow by this event, and with what rights. */
export function triggerParts({ file: { document } }: FileContext, offset: number): HoverPart[] {
  return (document.workflow?.triggers ?? []).flatMap(trigger => {
    const range = document.range(trigger.node);
    const facts = contains(range, offset) ? eventFacts(trigger.event) : undefined;
    if (!facts) return [];
    const trust = facts.outsiders ? 'Outsiders can start this.' : 'Outsiders can\'t start this.';
    return [{ range, text: [`**on: ${trigger.event}** · ${trust}`, `Started by: ${facts.who.charAt(0).toLowerCase()}${facts.who.slice(1)}.`, facts.rights].join('\n\n') }];
  });
}
