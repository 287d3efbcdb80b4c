import { defineRule, type Fix } from '../../engine/rule';
import { asMapping, asScalar, getEntry, getValue, type ScalarNode, type Span } from '../../workflow/nodes';
import { valueRangeSpan } from '../../workflow/scalar-map';
import { trustedOwner } from '../shared/pinning';

type Role = 'container' | 'service' | 'step' | 'action';

const REASONS: Partial<Record<Role, string>> = {
  service: 'a service runs beside the job and sees neither its files nor its token',
  action: 'an action\'s image is mostly pushed by its owner, with the release',
};

/** Docker's own library (`ubuntu`, `node:24`): few may push there, and what is pushed is built in public. */
const OFFICIAL = /^(?:docker\.io\/)?(?:library\/)?[^/]+$/;

interface Image { readonly name: string; readonly tag?: string; readonly digest: boolean; readonly owner?: string; readonly repository?: string }

/** `host:5000/owner/name:tag@sha256:…`; undefined for what is no image reference yet, or only known when it runs. */
function parseImage(text: string): Image | undefined {
  if (text === '' || /[\s{}$]/.test(text)) return undefined;
  const at = text.indexOf('@');
  const rest = at < 0 ? text : text.slice(0, at);
  const slash = rest.lastIndexOf('/');
  const colon = rest.indexOf(':', slash + 1);
  const name = colon < 0 ? rest : rest.slice(0, colon);
  const [host, owner, repository] = name.toLowerCase().split('/');
  const onGitHub = host === 'ghcr.io' && owner !== undefined && repository !== undefined;
  return {
    name, tag: colon < 0 ? undefined : rest.slice(colon + 1),
    digest: at >= 0 && /^sha(?:256|512):[0-9a-fA-F]{32,128}$/.test(text.slice(at + 1)),
    ...(onGitHub ? { owner, repository } : {}),
  };
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** The digest behind the tag of today: the same image runs, whatever the tag is given next. */
function pin(text: string, at: Span, { name, tag }: Image): Fix {
  return {
    title: `Pin ${name} to the digest of ${tag ?? 'latest'}`, safety: 'safe', preferred: true, needs: { kind: 'resolve-image', image: text },
    edits: ({ document }, resolved) => {
      if (!resolved || !('digest' in resolved) || !DIGEST.test(resolved.digest)) return undefined;
      // With escapes or folding the name has no place of its own in the text.
      if (!document.has(at) || document.source(at) !== text) return undefined;
      const { end } = document.range(at);
      return [{ start: end, end, newText: `@${resolved.digest}` }];
    },
  };
}

export default defineRule({
  id: 'unpinned-image',
  category: 'supply-chain',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds container images that a workflow names by a tag, or by nothing, instead of a digest.',
    why: 'Whoever can push the tag decides what runs in the job, with its files, its token and its secrets.',
    references: [
      'https://docs.github.com/en/actions/how-tos/write-workflows/choose-where-workflows-run/run-jobs-in-a-container',
      'https://docs.docker.com/dhi/core-concepts/digests/',
    ],
    standards: ['SEC-3', 'CIS 3.1.7'],
  },
  messages: {
    tag: 'The tag `{tag}` of {name} can be given another image at any time. Name the digest behind it: `{name}:{tag}@sha256:…`.',
    latest: '{name}:latest is whatever was pushed last, and each push runs here next time. Name a version and its digest.',
    untagged: '{name} without a tag is `latest`: whatever was pushed last runs here next time. Name a version and its digest.',
  },
  aliases: { zizmor: ['unpinned-images'] },
  create(context) {
    const check = (text: string, at: Span, role: Role): void => {
      const image = parseImage(text);
      if (!image) return;
      const { name, tag, owner, repository } = image;
      if (owner !== undefined && repository !== undefined && context.query(trustedOwner, owner, repository)) return;
      context.instance();
      if (image.digest) return;
      const floats = tag === undefined || tag === 'latest';
      const reason = REASONS[role], official = reason === undefined && OFFICIAL.test(name.toLowerCase());
      context.report({
        at, messageId: tag === undefined ? 'untagged' : floats ? 'latest' : 'tag', data: { name, tag: tag ?? '' },
        adjust: [
          ...(floats ? [{ by: 1, reason: 'every push to the image runs here next time' }] : []),
          ...(reason !== undefined && !floats ? [{ by: -1, reason }] : []),
          ...(official ? [{ by: -1, reason: 'an official image of Docker\'s, which few may push' }] : []),
        ],
        // What stands behind an `@` and is no digest is not known to mean anything.
        fixes: text.includes('@') ? [] : [pin(text, at, image)],
      });
    };
    const checkScalar = (scalar: ScalarNode | undefined, role: Role): void => {
      if (!scalar) return;
      const text = scalar.value.replace(/^docker:\/\//, '');
      check(text, valueRangeSpan(scalar, scalar.value.length - text.length, scalar.value.length), role);
    };
    return {
      job(job) {
        const container = job.container?.value;
        checkScalar(asScalar(container) ?? asScalar(getValue(container, 'image')), 'container');
        for (const service of asMapping(job.services?.value)?.entries ?? []) checkScalar(asScalar(getValue(service.value, 'image')), 'service');
      },
      uses(uses) {
        if (uses.kind === 'docker') checkScalar(uses.scalar, 'step');
      },
      action(action) {
        if (action.using?.value !== 'docker') return;
        const image = asScalar(getEntry(action.runs?.value, 'image')?.value);
        if (image?.value.startsWith('docker://')) checkScalar(image, 'action');
      },
    };
  },
});
