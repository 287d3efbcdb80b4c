import { catalogDate, runnerLabel } from '../../catalog';
import { defineQuery, defineRule, type Fix } from '../../engine/rule';
import { replaceScalar } from '../../workflow/edits';
import type { Job } from '../../workflow/model';
import { getValue } from '../../workflow/nodes';
import { askedRunner, isSelfHosted, type AskedLabel } from '../shared/runner-labels';

type Stage = 'current' | 'announced' | 'retired';

/** How it stands with an image on the day of the run; it changes on two days only, so the answer can be kept in between. */
const stageOf = defineQuery('runner-image-retired.stage', ({ today = catalogDate }, label: string): Stage => {
  const known = runnerLabel(label);
  if (!known) return 'current';
  if (known.retired) return today >= known.retired ? 'retired' : today >= (known.deprecated ?? known.retired) ? 'announced' : 'current';
  return known.status === 'retired' ? 'retired' : known.status === 'deprecated' ? 'announced' : 'current';
});

export default defineRule({
  id: 'runner-image-retired',
  category: 'runners',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds jobs on runner images that GitHub has taken away, or whose end it has announced.',
    why: 'Jobs on an image that is gone never start, and before that the image gets no updates and fails on days that GitHub picks.',
    references: [
      'https://docs.github.com/en/actions/reference/runners/github-hosted-runners',
      'https://github.com/actions/runner-images#available-images',
    ],
    standards: ['SEC-7', 'CIS 2.2.6', 'STRIDE D'],
  },
  messages: {
    retired: '`{label}` is gone{when}, and no runner picks this job up. Move to {replacement}.',
    announced: '`{label}` ends{when}, and from then on no runner picks this job up. Move to {replacement} while it still runs.',
  },
  aliases: { actionlint: ['runner-label'] },
  create(context) {
    return {
      job(job) {
        const runner = askedRunner(job);
        if (runner.group || isSelfHosted(runner)) return;
        // A matrix may name an image for each of its entries: to move off it is one decision.
        const places = new Map<string, AskedLabel[]>();
        for (const label of runner.labels) {
          const key = label.value.toLowerCase(), known = places.get(key);
          if (known) known.push(label);
          else places.set(key, [label]);
        }
        for (const [label, ...others] of places.values()) {
          const known = label && runnerLabel(label.value);
          if (!known) continue;
          context.instance();
          const stage = context.query(stageOf, known.label);
          const next = replacements(known.replacement ?? '');
          // Every image that there is, on purpose: until the day comes there is nothing to do.
          if (stage === 'current' || (stage === 'announced' && runner.labels.some(l => next.some(n => standsFor(l.value, n))))) continue;
          context.report({
            at: label.at,
            messageId: stage,
            data: {
              label: label.value,
              when: known.retired ? (stage === 'retired' ? ` since ${known.retired}` : ` on ${known.retired}`) : stage === 'retired' ? '' : ' soon',
              replacement: next.length > 0 ? next.map(l => `\`${l}\``).join(' or ') : 'a current image',
            },
            adjust: stage === 'announced' ? [{ by: -1, reason: 'it still runs' }] : [],
            fixes: others.length === 0 && mayReplace(job, label) ? next.filter(l => !askedRunner(job).labels.some(o => same(o.value, l))).map((l, i) => move(label, l, i === 0)) : [],
            related: others.filter(o => o.at !== label.at).map(o => ({ at: o.at, message: 'It is named here, too' })),
            tag: 'deprecated',
          });
        }
      },
    };
  },
});

const standsFor = (asked: string, label: string): boolean => same(asked, label) || same(runnerLabel(asked)?.aliasOf ?? '', label);
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Labels named in `macos-15-intel (x64) or macos-15 (arm64)`. */
function replacements(text: string): string[] {
  return text.split(/[\s,]+/).filter(word => runnerLabel(word) !== undefined);
}

/** A value of a matrix may be named again, in `exclude`, in a condition or in a second entry: then a person has to look. */
function mayReplace(job: Job, label: AskedLabel): boolean {
  if (!label.scalar) return false;
  if (label.by === 'list') return true;
  if (getValue(getValue(job.strategy?.value, 'matrix'), 'exclude')) return false;
  return job.entry.block.text.split(label.value).length === 2;
}

function move(label: AskedLabel, to: string, preferred: boolean): Fix {
  return { title: `Move to ${to}`, safety: 'unsafe', preferred, edits: ({ document }) => replaceScalar(document, label.scalar!, to) };
}
