import { runnerLabel, runnerLabels } from '../../catalog';
import { defineRule, type Fix } from '../../engine/rule';
import { nearest } from '../../engine/suggest';
import { replaceScalar } from '../../workflow/edits';
import { askedRunner, isOwnLabel, isSelfHosted, type AskedLabel } from '../shared/runner-labels';

export default defineRule({
  id: 'runner-label-unknown',
  category: 'runners',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds runner labels that are nearly those of a runner that exists, and labels that no single runner can have together.',
    why: 'A job whose labels no runner has never starts: it waits for a day and is then cancelled, and what depends on it never runs.',
    references: ['https://docs.github.com/en/actions/reference/runners/github-hosted-runners'],
  },
  messages: {
    misspelt: 'No runner of GitHub\'s is called `{label}`: the job waits for one until it is cancelled. Did you mean `{meant}`?',
    contradictory: 'One runner must have every label of the list, and none is `{label}` and `{other}` at once. Ask for one of them, or let a matrix pick.',
  },
  aliases: { actionlint: ['runner-label'] },
  create(context) {
    return {
      job(job) {
        const runner = askedRunner(job);
        // A group's runners, and those of one's own, have whatever labels they were given.
        if (runner.labels.length === 0 || runner.group) return;
        const own = isSelfHosted(runner);
        for (const label of runner.labels) {
          context.instance();
          const meant = own ? undefined : meantBy(label.value);
          if (meant === undefined) continue;
          context.report({ at: label.at, messageId: 'misspelt', data: { label: label.value, meant }, fixes: label.scalar ? [respell(label, meant)] : [] });
        }
        const clash = contradiction(runner.labels);
        if (clash) context.report({ at: clash.second.at, messageId: 'contradictory', data: { label: clash.second.value, other: clash.first.value } });
      },
    };
  },
});

let targets: readonly string[] | undefined;

/** What a label is a slip of, if anything. */
function meantBy(value: string): string | undefined {
  if (runnerLabel(value) || isOwnLabel(value) || /[\s$={}/]/.test(value)) return undefined;
  targets ??= [...runnerLabels().filter(l => l.status !== 'retired').map(l => l.label), 'self-hosted'];
  const lower = value.toLowerCase();
  // `ubuntu-latest-m`, `big-ubuntu-20.04`: names that organisations give to larger runners.
  if (runnerLabels().some(l => holdsAsPart(lower, l.label.toLowerCase()))) return undefined;
  return nearest(value, targets, 2);
}

/** `part` stands in `text` with a separator, or nothing, on either side. */
function holdsAsPart(text: string, part: string): boolean {
  const at = text.indexOf(part);
  return at >= 0 && !/[a-z\d]/.test(text[at - 1] ?? '-') && !/[a-z\d]/.test(text[at + part.length] ?? '-');
}

/** Only the spelling is mended where no digit differs; another version is another machine. */
function respell(label: AskedLabel, meant: string): Fix {
  const digits = (text: string): string => text.replace(/\D/g, '');
  return {
    title: `Change to ${meant}`,
    safety: digits(label.value) === digits(meant) ? 'safe' : 'unsafe',
    preferred: true,
    edits: ({ document }) => replaceScalar(document, label.scalar!, meant),
  };
}

/** Two labels of the list that name two systems, architectures or images. */
function contradiction(labels: readonly AskedLabel[]): { first: AskedLabel; second: AskedLabel } | undefined {
  const list = labels.filter(l => l.by === 'list');
  for (const trait of [systemOf, architectureOf, imageOf]) {
    let first: AskedLabel | undefined;
    for (const label of list) {
      const is = trait(label.value.toLowerCase());
      if (is === undefined) continue;
      if (first && trait(first.value.toLowerCase()) !== is) return { first, second: label };
      first ??= label;
    }
  }
  return undefined;
}

function systemOf(label: string): string | undefined {
  if (label === 'linux' || label === 'windows' || label === 'macos') return label;
  const os = runnerLabel(label)?.os;
  return os && (/^ubuntu/i.test(os) ? 'linux' : /^windows/i.test(os) ? 'windows' : /^macos/i.test(os) ? 'macos' : undefined);
}

function architectureOf(label: string): string | undefined {
  return label === 'x64' || label === 'arm' || label === 'arm64' ? label : runnerLabel(label)?.arch;
}

/** GitHub's own images: `ubuntu-latest` is the one that it stands for. */
function imageOf(label: string): string | undefined { return runnerLabel(label)?.aliasOf ?? runnerLabel(label)?.label; }
