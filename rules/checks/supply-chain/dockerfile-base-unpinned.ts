import { defineQuery, defineRule, type Report } from '../../engine/rule';
import type { Step } from '../../workflow/model';
import { getEntry, scalarText, type Span } from '../../workflow/nodes';
import { baseImages, type BaseImage } from '../shared/dockerfile';
import { workflowFolder } from '../shared/lockfiles';
import { join, packageCommands, spanOf, worksOnOwnTree, type PackageCommand } from '../shared/package-commands';
import { workflowShell } from '../shared/workflow-facts';

const BUILDERS = new Set(['docker/build-push-action', 'redhat-actions/buildah-build', 'depot/build-push-action', 'useblacksmith/build-push-action']);
const SHOWN = 3;

/** Null for a file that isn't there or can't be read. */
const basesOf = defineQuery('dockerfile-base-unpinned.bases', ({ repository }, path: string): readonly BaseImage[] | null => {
  const text = repository?.read(path);
  return text === undefined ? null : baseImages(text);
});

interface Build { readonly path: string; readonly at: Span }

export default defineRule({
  id: 'dockerfile-base-unpinned',
  category: 'supply-chain',
  severity: 'medium',
  confidence: 'high',
  scope: 'repository',
  profile: 'strict',
  level: 0,
  since: '0.1.0',
  fix: 'none',
  docs: {
    summary: 'Finds images that a workflow builds from a base that is named by its tag.',
    why: 'Whoever can push the tag decides what the image holds, and two builds of one commit are two images.',
    references: ['https://docs.docker.com/build/building/best-practices/#pin-base-image-versions',
      'https://github.com/ossf/scorecard/blob/main/docs/checks.md#pinned-dependencies'],
    standards: ['SEC-3'],
  },
  messages: {
    unpinned: '{file} is built from {images}: a tag can be given another image at any time. Name the digest behind it, `image:tag@sha256:…`.',
  },
  aliases: {},
  create(context) {
    const look = (build: Build | undefined, seen: Set<string>, step: Step): void => {
      if (!build || seen.has(build.path)) return;
      seen.add(build.path);
      const bases = context.query(basesOf, build.path);
      if (!bases || bases.length === 0) return;
      context.instance();
      const open = bases.filter(b => !/@sha256:[0-9a-f]{64}$/i.test(b.image));
      if (open.length === 0) return;
      const names = [...new Set(open.map(b => b.image))];
      const related: Report<'unpinned'>['related'] = open.slice(0, SHOWN).map(b => ({
        at: () => ({ path: build.path, start: b.start, end: b.end }), message: `${b.image} has no digest`,
      }));
      context.report({
        at: build.at, messageId: 'unpinned', related, step, job: step.job,
        data: { file: build.path, images: names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ' and others' : '') },
      });
    };
    return {
      job(job) {
        const git = job.steps.some(s => s.uses?.repo?.toLowerCase() === 'build-push-action');
        if (!worksOnOwnTree(job) && !git) return;
        const seen = new Set<string>();
        for (const step of job.steps) {
          look(byAction(step, worksOnOwnTree(job)), seen, step);
          if (!step.run || !worksOnOwnTree(job)) continue;
          for (const found of packageCommands(step.run, context.query(workflowShell), context.query(workflowFolder))) look(byCommand(found), seen, step);
        }
      },
    };
  },
});

function byAction(step: Step, checkedOut: boolean): Build | undefined {
  const { uses } = step;
  if (!uses || !BUILDERS.has(`${uses.owner ?? ''}/${uses.repo ?? ''}`.toLowerCase())) return undefined;
  const file = getEntry(step.with?.value, 'file'), context = getEntry(step.with?.value, 'context');
  const where = context ? scalarText(context.value) : '{{defaultContext}}';
  if (where === undefined) return undefined;
  // Without a context the action asks git for the repository, whatever lies in the workspace.
  const git = /^\{\{defaultContext\}\}(?::(.*))?$/.exec(where);
  if (!git && !checkedOut) return undefined;
  const folder = join('', git ? git[1] ?? '' : where);
  const path = file ? join(git ? folder ?? '' : '', scalarText(file.value) ?? '$') : folder === undefined ? undefined : join(folder, 'Dockerfile');
  return path ? { path, at: file?.value ?? context?.value ?? uses.nameSpan } : undefined;
}

/** `docker build -f web/Dockerfile .` */
function byCommand(found: PackageCommand): Build | undefined {
  const { program, args, words, folder } = found;
  if ((program !== 'docker' && program !== 'podman') || folder === undefined) return undefined;
  const verb = args[0] === 'build' ? 0 : args[0] === 'buildx' && args[1] === 'build' ? 1 : -1;
  if (verb < 0) return undefined;
  for (const [i, arg] of args.entries()) {
    const joined = /^--file=(.*)$/.exec(arg ?? '')?.[1];
    if (joined === undefined && arg !== '-f' && arg !== '--file') continue;
    const path = join(folder, joined ?? args[i + 1] ?? '$');
    return path ? { path, at: spanOf(found, words[joined === undefined ? i + 1 : i]) } : undefined;
  }
  // The context stands last; anything that only the shell knows may be one too.
  const last = args.at(-1);
  if (last === undefined || args.length - 1 <= verb || !/^\.{0,2}[\w./-]*$/.test(last) || (last !== '.' && args.at(-2)?.startsWith('-') && !args.at(-2)!.includes('='))) return undefined;
  const context = join(folder, last), path = context === undefined ? undefined : join(context, 'Dockerfile');
  return path ? { path, at: spanOf(found, words[verb]) } : undefined;
}
