/** Conditions that know a bot by the name of whoever acted last. */
import { defineQuery, type Fix } from '../../engine/rule';
import { dottedPath } from '../../workflow/expressions';
import type { Job, Step } from '../../workflow/model';
import { replaceInCondition } from './condition-edits';
import { conditionParts, type Part } from './condition-parts';
import { passage } from './guards';

const ACTOR = /^github\.(?:actor|actor_id|triggering_actor|event\.sender\.(?:login|id)|event\.workflow_run\.(?:actor|triggering_actor)\.login)$/;
const BOT = /\[bot\]|49699333|29139614|dependabot|renovate/i;

/** Places in the condition of a job or step that let a bot through by the actor's name, on an event; none where somebody else is kept out anyway. */
export function botChecks(owner: Job | Step, event: string): readonly Part[] {
  if (!owner.if) return [];
  const parts = conditionParts([owner], path => ACTOR.test(path));
  if (parts.length === 0) return [];
  const { outsider, guards } = passage(owner.if, event);
  if (outsider !== 'weak' || !guards.includes('actor')) return [];
  return parts.filter(p => !(p.expr.kind === 'binary' && p.expr.operator === '!=') && BOT.test(textOf(p)));
}

/** It fails for pull requests that Dependabot has not opened, or whose commits are not its own. */
export function isMetadata(step: Step): boolean { return step.uses?.slug === 'dependabot/fetch-metadata'; }

/** Whether a job that one needs has let it look. */
export const metadataBefore = defineQuery('actor-check.metadata-before', ({ document }, job: string): boolean => {
  const jobs = document.workflow?.jobs ?? [];
  return (jobs.find(j => j.id === job)?.needs ?? []).some(n => jobs.find(j => j.id === n.value)?.steps.some(isMetadata));
});

const textOf = (part: Part): string => part.scalar.value.slice(part.expr.start, part.expr.end);

const PULL_REQUEST_EVENTS = new Set(['pull_request', 'pull_request_target', 'pull_request_review', 'pull_request_review_comment']);

/** Asks who opened the pull request instead; none where an event has no pull request, or where a name that begins alike would do. */
export function askOpener(parts: readonly Part[], events: readonly string[]): Fix[] {
  const owner = parts[0]?.owner;
  if (!owner || !events.every(e => PULL_REQUEST_EVENTS.has(e))) return [];
  const exact = (p: Part): boolean => p.expr.kind === 'binary' || /\[bot\]/.test(textOf(p));
  if (!parts.every(p => exact(p) && !(p.expr.kind === 'call' && /^startswith$/i.test(p.expr.name)))) return [];
  return [{
    title: 'Ask who opened the pull request',
    // Runs that somebody else has set off for the bot's pull request are let through from then on.
    safety: 'unsafe',
    preferred: true,
    edits: ({ document }) => replaceInCondition(document, owner, parts.map(({ operand }) => ({
      start: operand.start, end: operand.end,
      text: `github.event.pull_request.user.${/(?:_|\.)id$/.test(dottedPath(operand) ?? '') ? 'id' : 'login'}`,
    }))),
  }];
}
