import { isRunToken, versionOf } from '../../catalog';
import { defineRule, type Fix } from '../../engine/rule';
import { setStepInput } from '../../workflow/edits';
import { permissionsWithin, type EffectivePermissions } from '../../workflow/effective';
import type { Step, UsesRef } from '../../workflow/model';
import { asMapping, scalarText, type Entry } from '../../workflow/nodes';
import { credentialUse } from '../shared/git-credentials';
import { inputsOf } from '../shared/inferred-permissions';
import { inheritedPermissions } from '../shared/permission-facts';
import { nobodyFollows } from '../shared/later-steps';
import { workflowShell } from '../shared/workflow-facts';

/** From here on the token is kept outside the working copy. */
const OUTSIDE_SINCE_MAJOR = 6;

export default defineRule({
  id: 'checkout-persist-credentials',
  category: 'permissions',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds checkouts that leave the token on disk although no later step pushes.',
    why: 'Every later step, and whatever it installs, can read the token from there, and an artifact of the working copy publishes it.',
    references: [
      'https://github.com/actions/checkout#usage',
      'https://docs.github.com/en/actions/reference/security/secure-use',
    ],
    standards: ['SEC-6'],
  },
  messages: {
    default: 'The checkout leaves its token on disk for every later step to read, and none is seen to push. Set `persist-credentials: false`.',
    written: 'The checkout is told to leave its token on disk for every later step to read, and none is seen to push. Set it to `false`.',
    uploaded: 'The checkout leaves its token in the working copy, and a later step uploads that as an artifact. Set `persist-credentials: false`.',
  },
  aliases: { zizmor: ['artipacked'] },
  create(context) {
    return {
      step(step) {
        const { uses } = step;
        if (!uses || uses.slug !== 'actions/checkout' || uses.path) return;
        // A composite action's steps go on in a job that isn't seen here.
        if (!step.job) return;
        const entry = inputEntry(step, 'persist-credentials');
        const value = entry && (scalarText(entry.value) ?? '').trim();
        context.instance();
        if (value !== undefined && !/^(?:true)?$/i.test(value)) return;
        // An input that is an expression, or a merge, may hold anything.
        if (step.with && !asMapping(step.with.value)) return;
        const readsOnly = !isOther(step) && readsCodeOnly(permissionsWithin(step.job, context.query(inheritedPermissions)));
        if (readsOnly && isOutside(uses)) return;
        const later = step.job.steps.slice(step.job.steps.indexOf(step) + 1);
        const shell = context.query(workflowShell);
        if (nobodyFollows(later, shell, isOutside(uses))) return;
        const use = credentialUse(later, shell);
        if (use === 'pushes') return;
        const upload = major(uses) < OUTSIDE_SINCE_MAJOR ? later.find(uploadsWorkspace) : undefined;
        context.report({
          // The ref is for what is said about the version.
          at: entry && value !== '' ? entry : uses.nameSpan,
          messageId: upload ? 'uploaded' : value ? 'written' : 'default',
          adjust: [...adjustments(uses, upload !== undefined, value), ...(readsOnly ? [READS_ONLY] : [])],
          confidence: use === 'no' ? 'high' : 'medium',
          related: upload?.uses ? [{ at: upload.uses.nameSpan, message: 'Uploads the working copy' }] : [],
          fixes: [fix(step, use === 'no')],
        });
      },
    };
  },
});

const READS_ONLY = { by: -1, reason: 'the token can only read the code, which every step has anyway' };

/** A token or key that may be somebody's own: the job's permissions are no limit for it. */
function isOther(step: Step): boolean {
  const inputs = inputsOf(step);
  return [inputs.token, inputs['ssh-key']].some(v => v !== undefined && v.trim() !== '' && !isRunToken(v));
}

/** Nothing but the code, which lies in the working copy already. */
function readsCodeOnly({ shape, scopes }: EffectivePermissions): boolean {
  return shape === 'none' || (shape === 'map'
    && Object.entries(scopes).every(([name, access]) => access === 'none' || (access === 'read' && (name === 'contents' || name === 'metadata'))));
}

function inputEntry(step: Step, name: string): Entry | undefined {
  return asMapping(step.with?.value)?.entries.find(e => e.key.value.toLowerCase() === name);
}

function adjustments(uses: UsesRef, uploaded: boolean, written: string | undefined): { by: number; reason: string }[] {
  if (uploaded) return [{ by: 1, reason: 'a later step uploads the working copy' }];
  if (written) return [{ by: -1, reason: 'somebody has written it down' }];
  return isOutside(uses) ? [{ by: -1, reason: `v${major(uses)} keeps the token outside the working copy` }] : [];
}

function isOutside(uses: UsesRef): boolean {
  const known = major(uses);
  return known >= OUTSIDE_SINCE_MAJOR && known !== Infinity;
}

/** Infinity where it isn't known: then nothing is said about where the token lies. */
function major(uses: UsesRef): number {
  const version = versionOf('actions', 'checkout', uses.ref ?? '') ?? uses.ref ?? '';
  const found = /^[vV]?(\d{1,3})(?:\.|$|-)/.exec(version)?.[1];
  return found === undefined ? Infinity : Number(found);
}

function uploadsWorkspace(step: Step): boolean {
  if (step.uses?.slug !== 'actions/upload-artifact') return false;
  const inputs = inputsOf(step);
  const paths = (inputs.path ?? '').split('\n').map(p => p.trim()).filter(p => p !== '' && !p.startsWith('!'));
  const whole = paths.some(p => /^(?:\.\/?|\*\*?\/?\*?|\.git\/?|\$\{\{\s*github\.workspace\s*\}\}\/?|\$\{\{\s*github\.workspace\s*\}\}\/\*\*?)$/.test(p));
  // Since 4.4 files that start with a dot stay behind unless asked for.
  const version = versionOf('actions', 'upload-artifact', step.uses?.ref ?? '') ?? step.uses?.ref ?? '';
  const [first = 0, second = 99] = (version.match(/\d+/g) ?? []).map(Number);
  const skipsHidden = first > 4 || (first === 4 && second >= 4) || /^[0-9a-f]{40}$/.test(version);
  return whole && (!skipsHidden || /^true$/i.test(inputs['include-hidden-files'] ?? ''));
}

function fix(step: Step, safe: boolean): Fix {
  return {
    title: 'Set persist-credentials: false', safety: safe ? 'safe' : 'unsafe', preferred: true,
    edits: ({ document }) => setStepInput(document, step, 'persist-credentials', false),
  };
}
