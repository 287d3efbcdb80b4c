import { versionOf } from '../../catalog';
import { defineRule, type Fix, type RuleContext } from '../../engine/rule';
import { deleteEntry, setStepInput } from '../../workflow/edits';
import type { TextEdit } from '../../workflow/document';
import type { Job, Step } from '../../workflow/model';
import { asMapping, asScalar } from '../../workflow/nodes';
import { inputEntry, takesAllOf, uploadOf, usesAction, type Upload, type UploadPattern } from '../shared/artifact-uploads';
import { credentialUse } from '../shared/git-credentials';
import { secretsOf } from '../shared/secrets';
import { workflowShell } from '../shared/workflow-facts';

/** From here on checkout keeps the token in the runner's folder for temporary files, not in the working copy. */
const OUTSIDE_SINCE_MAJOR = 6;

export default defineRule({
  id: 'artifact-leaks-workspace',
  category: 'artifacts',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds artifacts of the whole workspace that take the token of the checkout, or all hidden files, along.',
    why: 'An artifact can be downloaded while the run goes on, by everybody who can read the repository, and what is in it can be used.',
    references: [
      'https://docs.github.com/en/actions/reference/security/secure-use',
      'https://github.com/actions/upload-artifact#uploading-hidden-files',
      'https://unit42.paloaltonetworks.com/github-repo-artifacts-leak-tokens/',
    ],
    standards: ['SEC-6', 'STRIDE I'],
  },
  messages: {
    credentials: 'This uploads `{file}`, in which the checkout has left {token}, for everybody who can download the artifact. Set `persist-credentials: false`, or name what is to be uploaded.',
    temporary: 'This uploads the runner\'s folder for temporary files, in which the checkout has left {token}. Set `persist-credentials: false`, or name what is to be uploaded.',
    hidden: 'This uploads every hidden file of the workspace: `.git`, `.env`, `.npmrc` and whatever else a tool has written there. Name what is to be uploaded.',
  },
  aliases: { zizmor: ['artipacked'], codeql: ['actions/secrets-in-artifacts'] },
  create(context) {
    return {
      job(job) {
        job.steps.forEach((step, i) => {
          const upload = uploadOf(step);
          if (!upload) return;
          context.instance();
          const left = job.steps.slice(0, i).flatMap(s => leftBehind(s) ?? []);
          if (reportToken(context, job, upload, left)) return;
          // Who has taken the token out knows what goes along.
          const thoughtOf = job.steps.slice(0, i).some(s => usesAction(s, 'actions/checkout') && /^false$/i.test(text(s, 'persist-credentials').trim()));
          if (!thoughtOf) reportHidden(context, upload);
        });
      },
    };
  },
});

type Context = RuleContext<'credentials' | 'temporary' | 'hidden', unknown>;

/** What a checkout leaves on disk for later steps. */
interface Left { readonly step: Step; readonly folder: string; readonly inWorkspace: boolean; readonly lasting: boolean }

function leftBehind(step: Step): Left | undefined {
  if (!usesAction(step, 'actions/checkout') || (step.with && !asMapping(step.with.value))) return undefined;
  if (!/^(?:true)?$/i.test(text(step, 'persist-credentials').trim())) return undefined;
  const version = versionOf('actions', 'checkout', step.uses?.ref ?? '') ?? step.uses?.ref ?? '';
  const major = /^[vV]?(\d{1,3})(?:\.|$|-)/.exec(version)?.[1];
  // Nobody knows where a version that isn't known leaves it.
  if (major === undefined) return undefined;
  const token = asScalar(inputEntry(step, 'token')?.value);
  return {
    step, folder: text(step, 'path').replace(/^\.(?:\/+|$)|\/+$/g, ''), inWorkspace: Number(major) < OUTSIDE_SINCE_MAJOR,
    lasting: inputEntry(step, 'ssh-key') !== undefined || secretsOf(token).some(s => !s.isRunToken),
  };
}

function text(step: Step, name: string): string { return asScalar(inputEntry(step, name)?.value)?.value ?? ''; }

function reportToken(context: Context, job: Job, upload: Upload, left: readonly Left[]): boolean {
  if (left.length === 0) return false;
  for (const pattern of upload.patterns) {
    if (pattern.excludes) continue;
    const taken = left.filter(l => (l.inWorkspace ? takesConfig(upload, pattern, l.folder) : isTemporary(pattern)));
    const [first] = taken;
    if (!first) continue;
    const from = job.steps.indexOf(first.step);
    const use = credentialUse(job.steps.slice(from + 1), context.query(workflowShell));
    const lasting = taken.some(l => l.lasting);
    context.report({
      at: pattern.at,
      messageId: first.inWorkspace ? 'credentials' : 'temporary',
      step: upload.step,
      data: { file: first.folder ? `${first.folder}/.git/config` : '.git/config', token: lasting ? 'a token or key that outlives the run' : 'its token' },
      adjust: lasting ? [{ by: 1, reason: 'what is left there outlives the run' }] : [],
      related: taken.map(l => ({ at: l.step.uses!.nameSpan, message: 'This checkout leaves its credentials behind' })),
      fixes: [
        ...(use === 'pushes' ? [] : [keepNothing(taken, use === 'no')]),
        ...(first.inWorkspace ? [leaveGitOut(upload, first.folder)] : []),
      ],
      absorbs: ['checkout-persist-credentials'],
    });
    return true;
  }
  return false;
}

/** The file that holds the token goes along: it is hidden, so hidden files must. */
function takesConfig(upload: Upload, pattern: UploadPattern, folder: string): boolean {
  const git = folder ? `${folder}/.git` : '.git';
  if (!upload.hidden || upload.patterns.some(p => p.excludes && /(?:^|\/)\.git(?:\/|$)/.test(p.path))) return false;
  return pattern.path === git || pattern.path === `${git}/config` || pattern.path.startsWith(`${git}/*`) || takesAllOf(pattern, folder);
}

function isTemporary(pattern: UploadPattern): boolean {
  return /^\$\{\{\s*runner\.temp\s*\}\}(?:\/\*{1,2}(?:\/\*{1,2})?)?$/i.test(pattern.path);
}

function reportHidden(context: Context, upload: Upload): void {
  const { hiddenEntry } = upload;
  const whole = upload.patterns.find(p => !p.excludes && takesAllOf(p, ''));
  if (!hiddenEntry || !whole || upload.patterns.some(p => p.excludes && /(?:^|\/)\.[^/]*/.test(p.path))) return;
  context.report({
    at: hiddenEntry,
    messageId: 'hidden',
    step: upload.step,
    confidence: 'medium',
    adjust: [{ by: -1, reason: 'no token is seen to be there' }],
    related: [{ at: whole.at, message: 'Everything in the workspace' }],
    fixes: [{
      title: 'Leave hidden files out', safety: 'unsafe', preferred: true,
      edits: ({ document }) => {
        const inputs = asMapping(upload.step.with?.value);
        return inputs && deleteEntry(document, hiddenEntry, inputs);
      },
    }],
  });
}

function keepNothing(taken: readonly Left[], safe: boolean): Fix {
  return {
    title: 'Set persist-credentials: false', safety: safe ? 'safe' : 'unsafe', preferred: true,
    edits: ({ document }): TextEdit[] | undefined => {
      const edits: TextEdit[] = [];
      for (const { step } of taken) {
        const own = setStepInput(document, step, 'persist-credentials', false);
        if (!own) return undefined;
        edits.push(...own);
      }
      return edits;
    },
  };
}

function leaveGitOut(upload: Upload, folder: string): Fix {
  return {
    title: 'Leave .git out of the artifact', safety: 'unsafe',
    edits: ({ document }) => setStepInput(document, upload.step, 'path', `${upload.scalar.value.trimEnd()}\n!${folder ? `${folder}/` : ''}.git/**\n`),
  };
}
