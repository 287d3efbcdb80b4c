import { runnerLabel, SELF_HOSTED_LABELS, type RunnerLabel } from '../../../../rules/catalog';
import { askedRunner } from '../../../../rules/checks/shared/runner-labels';
import { OUTSIDER_EVENTS, triggerFacts } from '../../../../rules/workflow/effective';
import type { FileContext } from '../context';
import { escape } from '../markdown';
import { contains, type HoverPart } from './part';

/** What a label of `runs-on` asks for. */
export function runnerParts({ file: { document } }: FileContext, offset: number): HoverPart[] {
  const { workflow } = document;
  return (workflow?.jobs ?? []).flatMap(job => askedRunner(job).labels.flatMap(label => {
    if (!document.has(label.at)) return [];
    const range = document.range(label.at);
    if (!contains(range, offset)) return [];
    const known = runnerLabel(label.value);
    const text = known ? hosted(known) : own(label.value, triggerFacts(workflow).events.filter(e => OUTSIDER_EVENTS.has(e)));
    return [{ range, text }];
  }));
}

function hosted(label: RunnerLabel): string {
  const lines = [`**runs-on: ${escape(label.label)}** · hosted by GitHub`];
  const machine = [label.os, label.arch].filter(Boolean).join(', ');
  if (label.aliasOf) lines.push(`Today it is \`${label.aliasOf}\`: what it stands for changes when GitHub says so, not when you do.`);
  lines.push(`A new machine for each job${machine ? `: ${escape(machine)}` : ''}.${label.larger ? ' A larger one, which is paid for.' : ''}`);
  if (label.status === 'preview') lines.push('In preview: it may change or be late.');
  if (label.status === 'deprecated') lines.push(`**Deprecated**${label.deprecated ? ` since ${label.deprecated}` : ''}${label.retired ? `, gone on ${label.retired}` : ''}.`);
  if (label.status === 'retired') lines.push(`**Gone**${label.retired ? ` since ${label.retired}` : ''}: jobs that ask for it wait in vain or fail.`);
  if (label.replacement) lines.push(`Use ${escape(label.replacement)} instead.`);
  return lines.join('\n\n');
}

function own(value: string, outsiders: readonly string[]): string {
  const shared = SELF_HOSTED_LABELS.includes(value.toLowerCase());
  const lines = [`**runs-on: ${escape(value)}** · ${shared ? 'a label that self-hosted runners have by themselves' : 'no label of GitHub\'s that is known here'}`];
  lines.push(shared ? 'A machine of your own. What a job leaves on it is there for the next one, unless each job gets a new one.' : 'It has to be a label of runners of your own, or of a larger runner that your organisation has named.');
  if (outsiders.length > 0) lines.push(`Outsiders can start this workflow by ${outsiders.map(e => `\`${e}\``).join(', ')}: their code must not reach a machine of your own.`);
  return lines.join('\n\n');
}
