/** What the rules have in common that speak of what GitHub said about a ref. */
import { askedOnline, pinFacts, type PinFacts } from '../../engine/online';
import type { RuleContext } from '../../engine/rule';
import type { UsesRef } from '../../workflow/model';
import type { Span } from '../../workflow/nodes';
import { nameOf } from './upgrade';

export interface AskedPin {
  readonly facts: PinFacts;
  readonly at: Span;
  readonly ref: string;
  /** `owner/repo`, or with the path below it. */
  readonly name: string;
  /** A commit as people write it. */
  readonly commit: string;
}

/** The ref of a `uses` of another repository with what is known of it; undefined where nothing is. */
export function askedPin(uses: UsesRef, context: Pick<RuleContext, 'query'>): AskedPin | undefined {
  const { owner, repo, ref, refSpan } = uses;
  if (uses.kind !== 'repository' || !owner || !repo || !ref || !refSpan || !context.query(askedOnline)) return undefined;
  const facts = context.query(pinFacts, owner, repo, ref);
  return facts ? { facts, at: refSpan, ref, name: nameOf(uses), commit: ref.slice(0, 7) } : undefined;
}
